import { parseJson } from "../http/message";
import type { SecretRecord, SecretsStoreRecord } from "../store/records";
import { newId, now, removeWhere } from "../store/store";
import { apiErrors } from "./api-error";
import { type Call, type Endpoint, listReply, param } from "./call";
import { changedSecret, newSecrets } from "./secret-schema";
import { SECRETS_READ, SECRETS_WRITE, STORE, storeOf } from "./secrets-stores";
import { SECRET_VALIDATION, validate } from "./validation";

const SECRETS = `${STORE}/secrets`;
const SECRET = `${SECRETS}/:secret`;

/** Values are written and never shown again. */
export const secretEndpoints: readonly Endpoint[] = [
  { method: "POST", path: SECRETS, permissions: SECRETS_WRITE, handle: create },
  { method: "GET", path: SECRETS, permissions: SECRETS_READ, handle: list },
  { method: "GET", path: SECRET, permissions: SECRETS_READ, handle: get },
  { method: "PATCH", path: SECRET, permissions: SECRETS_WRITE, handle: change },
  { method: "DELETE", path: SECRET, permissions: SECRETS_WRITE, handle: remove },
];

/** Takes and answers an array; of names that are taken none is created. */
function create(call: Call) {
  const store = storeOf(call);
  const wanted = validate(newSecrets, parseJson(call.body), SECRET_VALIDATION);
  const names = [...store.secrets, ...wanted].map(({ name }) => name);
  if (new Set(names).size < names.length) throw apiErrors.duplicateSecret();
  const at = now();
  const made = wanted.map(({ name, value, scopes, comment }): SecretRecord => {
    const id = newId();
    call.store.state.secrets.stored[id] = value;
    return { id, name, scopes, since: call.store.time(), created: at, modified: at, ...commentOf(comment) };
  });
  store.secrets.push(...made);
  call.store.save();
  return listReply(
    made.map((secret) => shown(call, store, secret)),
    new URLSearchParams(),
  );
}

function list(call: Call) {
  const store = storeOf(call);
  const search = call.query.get("search") ?? "";
  const found = store.secrets.filter(({ name }) => name.includes(search));
  return listReply(
    found.map((secret) => shown(call, store, secret)),
    call.query,
  );
}

function get(call: Call) {
  return { result: shown(call, storeOf(call), secretOf(call)) };
}

/** What is not named stays. The next request that a gateway sends with the secret carries the new value. */
function change(call: Call) {
  const secret = secretOf(call);
  const { value, scopes, comment } = validate(changedSecret, parseJson(call.body), SECRET_VALIDATION);
  if (value !== undefined) call.store.state.secrets.stored[secret.id] = value;
  if (scopes !== undefined) secret.scopes = scopes;
  if (comment !== undefined) delete secret.comment;
  Object.assign(secret, commentOf(comment), { modified: now() });
  call.store.save();
  return { result: shown(call, storeOf(call), secret) };
}

function remove(call: Call) {
  const secret = secretOf(call);
  removeWhere(storeOf(call).secrets, ({ id }) => id === secret.id);
  delete call.store.state.secrets.stored[secret.id];
  call.store.save();
  return { result: null };
}

function secretOf(call: Call): SecretRecord {
  const secret = storeOf(call).secrets.find(({ id }) => id === param(call, "secret"));
  if (!secret) throw apiErrors.unknownSecret();
  return secret;
}

function commentOf(comment: string | null | undefined): { comment?: string } {
  return comment === undefined || comment === null ? {} : { comment };
}

/** Whether it has reached the services that use it. */
export function isDeployed({ store, propagation }: Call, { since }: SecretRecord): boolean {
  return since + (propagation.secretSeconds ?? 0) * 1000 <= store.time();
}

function shown(call: Call, store: SecretsStoreRecord, secret: SecretRecord) {
  const { since: _since, ...fields } = secret;
  return { ...fields, store_id: store.id, status: isDeployed(call, secret) ? "active" : "pending" };
}
