import { parseJson } from "../http/message";
import { apiErrors } from "./api-error";
import type { Call, Endpoint } from "./call";
import { accountSubdomainBody, subdomainBody } from "./script-schema";
import { SCRIPT, SCRIPTS_READ, SCRIPTS_WRITE, scriptOf } from "./scripts";
import { SCRIPT_VALIDATION, validate } from "./validation";

const ACCOUNT = "/workers/subdomain";
const PER_SCRIPT = `${SCRIPT}/subdomain`;

export const subdomainEndpoints: readonly Endpoint[] = [
  { method: "GET", path: ACCOUNT, permissions: SCRIPTS_READ, handle: getAccount },
  { method: "PUT", path: ACCOUNT, permissions: SCRIPTS_WRITE, handle: putAccount },
  { method: "GET", path: PER_SCRIPT, permissions: SCRIPTS_READ, handle: (call) => shown(call) },
  { method: "POST", path: PER_SCRIPT, permissions: SCRIPTS_WRITE, handle: set },
  {
    method: "DELETE",
    path: PER_SCRIPT,
    permissions: SCRIPTS_WRITE,
    handle: (call) => change(call, false, false),
  },
];

function getAccount({ store }: Call) {
  if (store.state.workersSubdomain === null) throw apiErrors.noSubdomain();
  return { result: { subdomain: store.state.workersSubdomain } };
}

/** An account gets its name once. */
function putAccount(call: Call) {
  const { subdomain } = validate(accountSubdomainBody, parseJson(call.body), SCRIPT_VALIDATION);
  const { state } = call.store;
  if (state.workersSubdomain !== null && state.workersSubdomain !== subdomain)
    throw apiErrors.subdomainTaken();
  state.workersSubdomain = subdomain;
  call.store.save();
  return { result: { subdomain } };
}

function set(call: Call) {
  const { enabled, previews_enabled } = validate(subdomainBody, parseJson(call.body), SCRIPT_VALIDATION);
  // Left out, previews follow `enabled` here (what the real API does is not verified): the stack must say so itself.
  return change(call, enabled, previews_enabled ?? enabled);
}

function change(call: Call, enabled: boolean, previewsEnabled: boolean) {
  const script = scriptOf(call);
  script.subdomain = { enabled, previewsEnabled };
  call.workers.setEnabled(script.name, enabled);
  call.store.save();
  return shown(call);
}

function shown(call: Call) {
  const { enabled, previewsEnabled } = scriptOf(call).subdomain;
  return { result: { enabled, previews_enabled: previewsEnabled } };
}
