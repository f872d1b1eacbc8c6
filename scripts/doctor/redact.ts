import { LLM_PROVIDERS } from "../../infra/llm-providers";
import type { Result } from "./check";

const HIDDEN = "[hidden]";
/** A host token of any stack. */
const HOST_TOKEN = /ocg_[A-Za-z0-9]+/g;

/** Takes known secrets, and what looks like a key, out of a result: a provider's error may quote the key it refuses. */
export function redacted(result: Result, secrets: readonly string[]): Result {
  const hide = (text: string) => hidden(text, secrets);
  if (result.outcome === "failed") {
    return {
      ...result,
      problems: result.problems.map(({ says, fix }) => ({ says: hide(says), fix: hide(fix) })),
    };
  }
  return result.says === undefined ? result : { ...result, says: hide(result.says) };
}

function hidden(text: string, secrets: readonly string[]): string {
  const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  const shapes = LLM_PROVIDERS.flatMap(({ keyPattern }) => keyPattern ?? []);
  return shapes
    .reduce((rest, shape) => rest.replace(new RegExp(shape.source, "g"), HIDDEN), known)
    .replace(HOST_TOKEN, HIDDEN);
}
