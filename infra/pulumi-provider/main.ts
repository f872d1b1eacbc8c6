import { OpenClawPlugin } from "./provider";
import { serve } from "./server";

serve(new OpenClawPlugin()).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
