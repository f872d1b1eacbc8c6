import { createHash } from "node:crypto";
import { answer, type Fields, readText } from "./channel";
import { changedPaths, inShort, NO_CHANGE } from "./delta";
import { keysInEnvironment } from "./gate";
import { wantedConfig } from "./look";
import { configPath, parseConfig } from "./openclaw";
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
    patch: fields.json("applied-patch", {}),
    providerIds: fields.json("applied-provider-ids", {}),
  };
  const { expected } = planConfig(current, NO_CHANGE, applied);
  answer("changed", inShort(changedPaths(current, expected)));
}
