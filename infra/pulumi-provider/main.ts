import { OpenClawPlugin } from "./provider";
import { serve } from "./server";

serve(new OpenClawPlugin(), process.argv[2]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
