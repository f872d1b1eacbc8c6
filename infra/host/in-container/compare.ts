import { createHash } from "node:crypto";
import { answer, type Fields, readText } from "./channel";
import { changedPaths, inShort, NO_CHANGE } from "./delta";
import { keysInEnvironment } from "./gate";
import { wantedConfig } from "./look";
import { configPath, parseConfig } from "./openclaw";
import { fitToKeys } from "./own-keys";
import { planConfig } from "./planned-config";

/**
 * Inside the running container: the environment that it really has, and what would have to change in `openclaw.json` to
 * be again as the last apply wanted it. What the operator or OpenClaw changed beside our places does not count.
 */
export function compare(fields: Fields): void {
  const own = fields.words("own").map((name) => `${name}=${process.env[name] ?? ""}\n`);
  answer("environment", createHash("sha256").update(own.join("")).digest("hex"));
  answer("keys", keysInEnvironment(fields).join(", "));
  const current = parseConfig(readText(configPath(process.env)) ?? "", fields.text("entry"));
  const applied = {
    ...wantedConfig(fields, new Set()),
    ...fitToKeys(fields.json("applied-patch", {}), fields.json("applied-provider-ids", {}), fields),
  };
  const { expected } = planConfig(current, NO_CHANGE, applied);
  answer("changed", inShort(changedPaths(current, expected)));
}
