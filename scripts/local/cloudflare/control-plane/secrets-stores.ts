import { parseJson } from "../http/message";
import type { SecretsStoreRecord } from "../store/records";
import { newId, now, removeWhere } from "../store/store";
import { apiErrors } from "./api-error";
import { type Call, type Endpoint, listReply, param } from "./call";
import { newStore } from "./secret-schema";
import { SECRET_VALIDATION, validate } from "./validation";

export const SECRETS_READ = ["Secrets Store Read", "Secrets Store Write"];
export const SECRETS_WRITE = ["Secrets Store Write"];

const STORES = "/secrets_store/stores";
/** Path of one store, for what hangs below it. */
export const STORE = `${STORES}/:store`;

/** An account has one store, so whoever creates one has to look first. A store cannot be renamed. */
export const secretsStoreEndpoints: readonly Endpoint[] = [
  { method: "POST", path: STORES, permissions: SECRETS_WRITE, handle: create },
  {
    method: "GET",
    path: STORES,
    permissions: SECRETS_READ,
    handle: (call) =>
      listReply(
        call.store.state.secretsStores.map((store) => shown(call, store)),
        call.query,
      ),
  },
  {
    method: "GET",
    path: STORE,
    permissions: SECRETS_READ,
    handle: (call) => ({ result: shown(call, storeOf(call)) }),
  },
  { method: "DELETE", path: STORE, permissions: SECRETS_WRITE, handle: remove },
];

/** The Secrets Store in the call's path. @throws 1000 when there is none. */
export function storeOf(call: Call): SecretsStoreRecord {
  const store = call.store.secretsStore(param(call, "store"));
  if (!store) throw apiErrors.unknownStore();
  return store;
}

function create(call: Call) {
  const { name } = validate(newStore, parseJson(call.body), SECRET_VALIDATION);
  const { secretsStores } = call.store.state;
  if (secretsStores.length > 0) throw apiErrors.maximumStores();
  const at = now();
  const store: SecretsStoreRecord = { id: newId(), name, created: at, modified: at, secrets: [] };
  secretsStores.push(store);
  call.store.save();
  return { result: shown(call, store) };
}

/** Without `?force=true` a store that holds secrets is kept. */
function remove(call: Call) {
  const store = storeOf(call);
  if (store.secrets.length > 0 && call.query.get("force") !== "true") throw apiErrors.storeNotEmpty();
  const { state } = call.store;
  removeWhere(state.secretsStores, ({ id }) => id === store.id);
  for (const { id } of store.secrets) delete state.secrets.stored[id];
  call.store.save();
  return { result: null };
}

function shown(call: Call, { id, name, created, modified }: SecretsStoreRecord) {
  return { id, account_id: call.store.state.accountId, name, created, modified };
}
