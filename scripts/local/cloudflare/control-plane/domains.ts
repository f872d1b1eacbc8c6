import { parseJson } from "../http/message";
import type { CustomDomainRecord, ZoneRecord } from "../store/records";
import { newId, removeWhere } from "../store/store";
import { apiErrors } from "./api-error";
import { type Call, type Endpoint, param } from "./call";
import { domainBody } from "./script-schema";
import { SCRIPTS_READ, SCRIPTS_WRITE } from "./scripts";
import { SCRIPT_VALIDATION, validate } from "./validation";

const DOMAINS = "/workers/domains";
const DOMAIN = `${DOMAINS}/:domain`;

/** Custom domains of Workers. DNS record and certificate come with them at the real one; here a port does. */
export const domainEndpoints: readonly Endpoint[] = [
  { method: "PUT", path: DOMAINS, permissions: SCRIPTS_WRITE, handle: attach },
  { method: "GET", path: DOMAINS, permissions: SCRIPTS_READ, handle: list },
  {
    method: "GET",
    path: DOMAIN,
    permissions: SCRIPTS_READ,
    handle: (call) => ({ result: shown(domainOf(call)) }),
  },
  { method: "DELETE", path: DOMAIN, permissions: SCRIPTS_WRITE, handle: detach },
];

/** Attaches a hostname to a Worker; one that is attached already keeps its id. */
function attach(call: Call) {
  const body = validate(domainBody, parseJson(call.body), SCRIPT_VALIDATION);
  const { customDomains, zones } = call.store.state;
  const zone = zones.find((candidate) => covers(candidate, body.hostname) && isNamed(candidate, body));
  if (!zone) throw apiErrors.noZoneFor(body.hostname);
  if (!call.store.script(body.service)) throw apiErrors.unknownScript();
  const known = customDomains.find(({ hostname }) => hostname === body.hostname);
  const domain: CustomDomainRecord = known ?? {
    id: newId(),
    hostname: body.hostname,
    service: body.service,
    environment: body.environment ?? "production",
    zoneId: zone.id,
    zoneName: zone.name,
    certId: newId(),
  };
  domain.service = body.service;
  if (!known) customDomains.push(domain);
  call.workers.setDomain(domain.hostname, domain.service);
  call.store.save();
  return { result: shown(domain) };
}

/** All at once; each query parameter narrows the list. */
function list(call: Call) {
  const filters = ["environment", "hostname", "service", "zone_id", "zone_name"] as const;
  const found = call.store.state.customDomains
    .map(shown)
    .filter((domain) => filters.every((name) => [null, domain[name]].includes(call.query.get(name))));
  return { result: found };
}

function detach(call: Call) {
  const domain = domainOf(call);
  removeWhere(call.store.state.customDomains, ({ id }) => id === domain.id);
  call.workers.setDomain(domain.hostname, undefined);
  call.store.save();
  return { result: null };
}

function domainOf(call: Call): CustomDomainRecord {
  const domain = call.store.state.customDomains.find(({ id }) => id === param(call, "domain"));
  if (!domain) throw apiErrors.unknownDomain();
  return domain;
}

/** The zone itself, or a name below it. */
function covers({ name }: ZoneRecord, hostname: string): boolean {
  return hostname === name || hostname.endsWith(`.${name}`);
}

/** Whether this is the zone that the call names, if it names one. */
function isNamed(
  zone: ZoneRecord,
  { zone_id, zone_name }: { zone_id?: unknown; zone_name?: unknown },
): boolean {
  return (zone_id ?? zone.id) === zone.id && (zone_name ?? zone.name) === zone.name;
}

function shown({ zoneId, zoneName, certId, ...domain }: CustomDomainRecord) {
  return { ...domain, zone_id: zoneId, zone_name: zoneName, cert_id: certId };
}
