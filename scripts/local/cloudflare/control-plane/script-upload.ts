import { parseJson } from "../http/message";
import { ApiError, apiErrors } from "./api-error";
import type { Call } from "./call";
import { type ScriptMetadata, scriptMetadata } from "./script-schema";
import { SCRIPT_VALIDATION, validate } from "./validation";

/** What the multipart body of an upload holds. */
export interface ScriptUpload {
  metadata: ScriptMetadata;
  /** Text of the main module. */
  content: string;
}

const MODULE_TYPES = ["application/javascript+module", "text/javascript+module"];

/** Reads an upload: one part per module, and `metadata`. @throws ApiError for anything else. */
export async function readUpload(call: Call): Promise<ScriptUpload> {
  const form = await formOf(call);
  const metadataPart = form.get("metadata");
  const metadata = validate(
    scriptMetadata,
    metadataPart === null ? undefined : parseJson(await textOf(metadataPart)),
    SCRIPT_VALIDATION,
  );
  const main = form.get(metadata.main_module);
  if (main === null) throw apiErrors.scriptFails(`No such module "${metadata.main_module}".`);
  if (typeof main === "string" || !MODULE_TYPES.includes(main.type)) {
    throw apiErrors.scriptFails(`The main module must be a file of type ${MODULE_TYPES.join(" or ")}.`);
  }
  const others = [...form.keys()].filter((key) => key !== "metadata" && key !== metadata.main_module);
  if (others.length > 0) {
    throw apiErrors.scriptFails(`Only one module is supported here; also found: ${others.join(", ")}.`);
  }
  return { metadata, content: await main.text() };
}

async function formOf(call: Call): Promise<FormData> {
  const contentType = call.headers["content-type"] ?? "";
  try {
    return await new Response(new Uint8Array(call.body), {
      headers: { "content-type": contentType },
    }).formData();
  } catch {
    throw new ApiError(400, [{ code: SCRIPT_VALIDATION, message: "The body must be multipart/form-data." }]);
  }
}

function textOf(part: string | File): Promise<string> | string {
  return typeof part === "string" ? part : part.text();
}
