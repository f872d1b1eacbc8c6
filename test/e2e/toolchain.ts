import { PassThrough } from "node:stream";
import { prepare, type Toolchain } from "../../scripts/setup";
import { Progress } from "../../scripts/setup/progress";

/** The prepared machine. `npm test` has prepared it already, so this only finds it; alone, it does all the set-up. */
export function toolchain(): Promise<Toolchain> {
  return prepare(new Progress(process.env.CI ? process.stderr : new PassThrough().resume()));
}
