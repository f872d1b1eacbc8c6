import type { State } from "../store/records";
import { type Call, type Endpoint, listReply } from "./call";

/** Of the many groups that allow it, those that this account offers. */
const ACCOUNT_READ = ["Account Settings Read", "Workers Scripts Read", "Workers Scripts Write"];
const ZONE_READ = ["Zone Read"];

/** The account itself, and its zones. */
export const accountEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/accounts",
    root: true,
    permissions: ACCOUNT_READ,
    handle: ({ store, query }) => listReply([shownAccount(store.state)], query),
  },
  {
    method: "GET",
    path: "/accounts/:account",
    root: true,
    permissions: ACCOUNT_READ,
    handle: ({ store }) => ({ result: shownAccount(store.state) }),
  },
  { method: "GET", path: "/zones", root: true, permissions: ZONE_READ, handle: listZones },
];

function listZones({ store, query }: Call) {
  const { state } = store;
  const name = query.get("name");
  const zones = state.zones
    .filter((zone) => name === null || zone.name === name)
    .map((zone) => ({ ...zone, status: "active", account: { id: state.accountId, name: ACCOUNT_NAME } }));
  return listReply(zones, query);
}

const ACCOUNT_NAME = "Local Cloudflare";

function shownAccount({ accountId }: State) {
  return { id: accountId, name: ACCOUNT_NAME, type: "standard", settings: { enforce_twofactor: false } };
}
