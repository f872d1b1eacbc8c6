import type { Binding, ScriptRecord } from "../store/records";
import { hashOf, now, removeWhere } from "../store/store";
import { ScriptStartError } from "../workers/worker-instance";
import { apiErrors } from "./api-error";
import { type Call, type Endpoint, param } from "./call";
import type { ScriptMetadata } from "./script-schema";
import { readUpload } from "./script-upload";

/** Writing includes reading. */
export const SCRIPTS_READ = ["Workers Scripts Read", "Workers Scripts Write"];
export const SCRIPTS_WRITE = ["Workers Scripts Write"];

/** Path of one script, for what hangs below it. */
export const SCRIPT = "/workers/scripts/:script";

/** After an upload the official provider reads back in three calls: services, settings, content. */
export const scriptEndpoints: readonly Endpoint[] = [
  { method: "PUT", path: SCRIPT, permissions: SCRIPTS_WRITE, handle: upload },
  { method: "DELETE", path: SCRIPT, permissions: SCRIPTS_WRITE, handle: remove },
  { method: "GET", path: "/workers/services/:script", permissions: SCRIPTS_READ, handle: getService },
  { method: "GET", path: `${SCRIPT}/settings`, permissions: SCRIPTS_READ, handle: getSettings },
  { method: "GET", path: `${SCRIPT}/content/v2`, permissions: SCRIPTS_READ, handle: getContent },
];

/** The script in the call's path. @throws 10007 when there is none. */
export function scriptOf(call: Call): ScriptRecord {
  const script = call.store.script(param(call, "script"));
  if (!script) throw apiErrors.unknownScript();
  return script;
}

/** Creates or replaces. Bindings that are not in the upload are gone, unless `keep_bindings` names their type. */
async function upload(call: Call) {
  const name = param(call, "script");
  const { metadata, content } = await readUpload(call);
  const { scripts, secrets } = call.store.state;
  const previous = call.store.script(name);
  const kept = keptBindings(metadata, previous);
  const script = recordOf(name, metadata, content, kept, previous);
  const texts = { ...keptTexts(kept, secrets.bindings[name]), ...secretTexts(metadata) };
  await start(call, script, texts);

  if (previous) scripts[scripts.indexOf(previous)] = script;
  else scripts.push(script);
  secrets.bindings[name] = texts;
  call.store.save();
  return { result: { ...summary(script), startup_time_ms: 1, ...script.settings } };
}

/** A script that does not start is refused, and the one before goes on serving. */
async function start(call: Call, script: ScriptRecord, texts: Record<string, string>): Promise<void> {
  try {
    await call.workers.deploy(script, texts);
  } catch (error) {
    if (error instanceof ScriptStartError) throw apiErrors.scriptFails(error.message);
    throw error;
  }
}

async function remove(call: Call) {
  const { name } = scriptOf(call);
  removeWhere(call.store.state.scripts, (script) => script.name === name);
  delete call.store.state.secrets.bindings[name];
  call.workers.remove(name);
  call.store.save();
  return { result: null };
}

function getService(call: Call) {
  const script = scriptOf(call);
  const { createdOn: created_on, modifiedOn: modified_on } = script;
  const environment = { environment: "production", created_on, modified_on, script: summary(script) };
  return { result: { id: script.name, created_on, modified_on, default_environment: environment } };
}

function getSettings(call: Call) {
  const script = scriptOf(call);
  return {
    result: {
      bindings: script.bindings,
      compatibility_date: script.compatibilityDate,
      compatibility_flags: script.compatibilityFlags,
      usage_model: "standard",
      logpush: false,
      // Always there: the official provider crashes without it.
      placement: {},
      tail_consumers: null,
      tags: [],
      ...script.settings,
    },
  };
}

/** The modules, as a multipart body of one part. */
function getContent(call: Call) {
  const { mainModule, content, etag } = scriptOf(call);
  const boundary = `----local-cloudflare-${etag}`;
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="${mainModule}"; filename="${mainModule}"`,
    "Content-Type: application/javascript+module",
  ].join("\r\n");
  const raw = Buffer.from(`${head}\r\n\r\n${content}\r\n--${boundary}--\r\n`);
  return { raw, contentType: `multipart/form-data; boundary=${boundary}` };
}

function recordOf(
  name: string,
  metadata: ScriptMetadata,
  content: string,
  kept: readonly Binding[],
  previous: ScriptRecord | undefined,
): ScriptRecord {
  const at = now();
  const { main_module, bindings, compatibility_date, compatibility_flags, keep_bindings, ...rest } = metadata;
  return {
    name,
    createdOn: previous?.createdOn ?? at,
    modifiedOn: at,
    etag: hashOf(content),
    mainModule: main_module,
    content,
    bindings: [...kept, ...bindings.map(withoutSecret)],
    compatibilityDate: compatibility_date,
    compatibilityFlags: compatibility_flags ?? [],
    settings: Object.fromEntries(
      Object.entries(rest).filter(([, value]) => value !== null && value !== undefined),
    ),
    subdomain: previous?.subdomain ?? { enabled: false, previewsEnabled: false },
  };
}

function keptBindings(metadata: ScriptMetadata, previous: ScriptRecord | undefined): Binding[] {
  const types = metadata.keep_bindings ?? [];
  const given = new Set(metadata.bindings.map(({ name }) => name));
  return (previous?.bindings ?? []).filter(({ name, type }) => types.includes(type) && !given.has(name));
}

function keptTexts(kept: readonly Binding[], texts: Record<string, string> = {}): Record<string, string> {
  const names = new Set(kept.map(({ name }) => name));
  return Object.fromEntries(Object.entries(texts).filter(([name]) => names.has(name)));
}

function secretTexts({ bindings }: ScriptMetadata): Record<string, string> {
  return Object.fromEntries(
    bindings.flatMap((binding) => (binding.type === "secret_text" ? [[binding.name, binding.text]] : [])),
  );
}

/** The text of a secret is never shown again. */
function withoutSecret(binding: ScriptMetadata["bindings"][number]): Binding {
  return binding.type === "secret_text" ? { name: binding.name, type: binding.type } : binding;
}

function summary(script: ScriptRecord) {
  return {
    id: script.name,
    etag: script.etag,
    created_on: script.createdOn,
    modified_on: script.modifiedOn,
    handlers: ["fetch"],
    has_assets: false,
    has_modules: true,
    last_deployed_from: "api",
    usage_model: "standard",
  };
}
