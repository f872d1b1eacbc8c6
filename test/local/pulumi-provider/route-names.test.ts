import { oneModelRoute } from "../../../infra/cloudflare/route";
import { DynamicRouteHandler } from "../../../infra/pulumi-provider/dynamic-route";
import { RoutesApi } from "../../../infra/pulumi-provider/routes-api";
import { Managed } from "./engine";
import { useAccount } from "./gateways";

/** Several routes whose names change in one run: the engine updates them all at once. */

// The waits between attempts are the handlers' own; here they take a hundredth of their time.
jest.mock("node:timers/promises", () => {
  const timers = jest.requireActual<typeof import("node:timers/promises")>("node:timers/promises");
  const { setTimeout: sleep } = timers;
  return { ...timers, setTimeout: (ms: number, ...rest: []) => sleep(ms / 100, ...rest) };
});

const account = useAccount();
let gatewayId: string;

beforeEach(async () => {
  gatewayId = await account().newGateway();
});

const inputs = (name: string) => ({
  accountId: account().cloudflare.accountId,
  gatewayId,
  name,
  elements: oneModelRoute("@cf/moonshotai/kimi-k2.6"),
});

async function routesNamed(...names: string[]): Promise<Managed[]> {
  const { client } = account();
  const handler = new DynamicRouteHandler((owner, gateway) => new RoutesApi(client, owner, gateway));
  const routes = names.map(() => new Managed(handler));
  for (const [index, route] of routes.entries()) await route.up(inputs(names[index] ?? ""));
  return routes;
}

const rename = (routes: readonly Managed[], ...names: string[]) =>
  Promise.allSettled(routes.map((route, index) => route.up(inputs(names[index] ?? ""))));

/** Names by id, as the account has them. */
const names = () => {
  const own = account()
    .cloudflare.objects()
    .routes.filter((route) => route.gatewayId === gatewayId);
  return Object.fromEntries(own.map(({ id, name }) => [id, name]));
};

test("a route takes over the name that another gives up, whichever comes first", async () => {
  const routes = await routesNamed("a", "b", "c");
  const results = await rename(routes, "b", "c", "d");
  expect(results.map(({ status }) => status)).toEqual(Array(3).fill("fulfilled"));
  const [first, second, third] = routes.map(({ id }) => id ?? "");
  expect(names()).toEqual({ [first ?? ""]: "b", [second ?? ""]: "c", [third ?? ""]: "d" });
});

test("names that are swapped are refused, with the way to do it, and nothing is changed", async () => {
  const routes = await routesNamed("a", "b");
  const before = names();
  for (const result of await rename(routes, "b", "a")) {
    expect(String((result as PromiseRejectedResult).reason)).toMatch(
      /^Error: Route '[ab]' could not be updated: another route of the gateway has the name '[ab]'\. To swap .*third name/,
    );
  }
  expect(names()).toEqual(before);
});
