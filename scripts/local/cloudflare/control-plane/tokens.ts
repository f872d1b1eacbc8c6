import { randomBytes } from "node:crypto";
import { parseJson } from "../http/message";
import { PERMISSION_GROUPS, permits, statusOf } from "../store/permissions";
import type { TokenPolicy, TokenRecord } from "../store/records";
import { hashOf, newId, now, removeWhere } from "../store/store";
import { ApiError, apiErrors } from "./api-error";
import { type Call, type Endpoint, listReply, param } from "./call";
import { type TokenBody, tokenBody } from "./token-schema";
import { TOKEN_VALIDATION, validate } from "./validation";

const READ = ["Account API Tokens Read", "Account API Tokens Write"];
const WRITE = ["Account API Tokens Write"];

export const tokenEndpoints: readonly Endpoint[] = [
  { method: "GET", path: "/tokens/permission_groups", permissions: READ, handle: listGroups },
  { method: "GET", path: "/tokens/verify", permissions: [], handle: (call) => verify(call, "account") },
  {
    method: "GET",
    path: "/user/tokens/verify",
    root: true,
    permissions: [],
    handle: (call) => verify(call, "user"),
  },
  { method: "POST", path: "/tokens", permissions: WRITE, handle: create },
  {
    method: "GET",
    path: "/tokens",
    permissions: READ,
    handle: (call) =>
      listReply(
        ownedByAccount(call).map((token) => shown(call, token)),
        call.query,
      ),
  },
  {
    method: "GET",
    path: "/tokens/:token",
    permissions: READ,
    handle: (call) => ({ result: shown(call, tokenOf(call, ownedByAccount(call))) }),
  },
  { method: "PUT", path: "/tokens/:token", permissions: WRITE, handle: replace },
  { method: "DELETE", path: "/tokens/:token", permissions: WRITE, handle: remove },
  { method: "PUT", path: "/tokens/:token/value", permissions: WRITE, handle: roll },
];

function tokenOf(call: Call, tokens = call.store.state.tokens): TokenRecord {
  const token = tokens.find(({ id }) => id === param(call, "token"));
  if (!token) throw apiErrors.unknownToken();
  return token;
}

/** The answer is the only one that holds the value. */
function create(call: Call) {
  const body = validate(tokenBody, parseJson(call.body), TOKEN_VALIDATION);
  const at = now();
  const token: TokenRecord = {
    id: newId(),
    issuedOn: at,
    modifiedOn: at,
    valueSince: call.store.time(),
    ...fieldsOf(call, body),
  };
  const value = newValue();
  call.store.state.tokens.push(token);
  call.store.state.secrets.tokenHashes[token.id] = hashOf(value);
  call.store.save();
  return { result: { ...shown(call, token), value } };
}

/** The value stays what it was. */
function replace(call: Call) {
  const token = tokenOf(call);
  const fields = fieldsOf(call, validate(tokenBody, parseJson(call.body), TOKEN_VALIDATION));
  const { id, issuedOn, valueSince } = token;
  const fresh: TokenRecord = { id, issuedOn, valueSince, modifiedOn: now(), ...fields };
  const { tokens } = call.store.state;
  tokens[tokens.indexOf(token)] = fresh;
  call.store.save();
  return { result: shown(call, fresh) };
}

function remove(call: Call) {
  const token = tokenOf(call);
  removeWhere(call.store.state.tokens, ({ id }) => id === token.id);
  delete call.store.state.secrets.tokenHashes[token.id];
  call.store.save();
  return { result: { id: token.id } };
}

/** A new value; the old one is worth nothing from now on. */
function roll(call: Call) {
  const token = tokenOf(call);
  const value = newValue();
  token.modifiedOn = now();
  token.valueSince = call.store.time();
  call.store.state.secrets.tokenHashes[token.id] = hashOf(value);
  call.store.save();
  return { result: value };
}

/** The account's tokens as they can be looked at; changing the one that deploys is nobody's business here. */
function ownedByAccount({ store, deployToken: { owner, record } }: Call): TokenRecord[] {
  return owner === "account" ? [record, ...store.state.tokens] : store.state.tokens;
}

/**
 * About the token that the call is made with. It is known only where it belongs: a token of the account under the
 * account, one of a user under the user.
 */
function verify(call: Call, owner: "account" | "user") {
  const { token, deployToken } = call;
  const actual = token === deployToken.record ? deployToken.owner : "account";
  if (actual !== owner) throw apiErrors.invalidToken();
  const { id, status, expires_on, not_before } = shown(call, token);
  return { result: { id, status, expires_on, not_before } };
}

/** Filters as the real one: part of the name, whole scope. */
function listGroups(call: Call) {
  const name = (call.query.get("name") ?? "").toLowerCase();
  const scope = call.query.get("scope");
  const mayGrant = permits(call.token, WRITE, call.store.time());
  const found = PERMISSION_GROUPS.filter(
    (group) => group.name.toLowerCase().includes(name) && (scope === null || group.scopes.includes(scope)),
  );
  return { result: found.map((group) => ({ ...group, is_selectable: mayGrant })) };
}

function fieldsOf(call: Call, body: TokenBody) {
  return {
    name: body.name,
    status: body.status ?? ("active" as const),
    policies: body.policies.map((policy, index) => policyOf(call, policy, index)),
    ...(body.condition ? { condition: body.condition } : {}),
    ...(body.expires_on ? { expiresOn: body.expires_on } : {}),
    ...(body.not_before ? { notBefore: body.not_before } : {}),
  };
}

/** @throws when a group is unknown, or a resource is not this account: the token would be worth nothing. */
function policyOf(call: Call, policy: TokenBody["policies"][number], index: number): TokenPolicy {
  const account = `com.cloudflare.api.account.${call.store.state.accountId}`;
  const foreign = Object.keys(policy.resources).filter((resource) => resource !== account);
  if (foreign.length > 0 || Object.keys(policy.resources).length === 0) {
    throw refused(`resources must be {"${account}": "*"}`, ["policies", index, "resources"]);
  }
  const permission_groups = policy.permission_groups.map(({ id }, position) => {
    const group = PERMISSION_GROUPS.find((candidate) => candidate.id === id);
    if (group) return { id, name: group.name };
    throw refused(`unknown permission group ${id}`, ["policies", index, "permission_groups", position]);
  });
  return { id: newId(), effect: policy.effect, permission_groups, resources: policy.resources };
}

function refused(message: string, path: (string | number)[]): ApiError {
  return new ApiError(400, [{ code: TOKEN_VALIDATION, message, path }]);
}

function shown({ store }: Call, token: TokenRecord) {
  return {
    id: token.id,
    name: token.name,
    status: statusOf(token, store.time()),
    issued_on: token.issuedOn,
    modified_on: token.modifiedOn,
    policies: token.policies,
    ...(token.condition ? { condition: token.condition } : {}),
    ...(token.expiresOn === undefined ? {} : { expires_on: token.expiresOn }),
    ...(token.notBefore === undefined ? {} : { not_before: token.notBefore }),
  };
}

/** 40 characters of the set that the official provider takes as a token. */
function newValue(): string {
  return randomBytes(30).toString("base64url");
}
