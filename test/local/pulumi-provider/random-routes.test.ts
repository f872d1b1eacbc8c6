import fc from "fast-check";
import {
  parseRoute,
  type RouteElement,
  type RouteElementInput,
  sameGraph,
} from "../../../infra/cloudflare/route";
import { DynamicRouteHandler } from "../../../infra/pulumi-provider/dynamic-route";
import { RoutesApi } from "../../../infra/pulumi-provider/routes-api";
import { anyGraph, forwardGraph } from "../../unit/cloudflare/route/graphs";
import { createGateway, createToken, sdk, useLocalCloudflare } from "../cloudflare/support";

/**
 * Random graphs through the whole way: the validator, the provider, the API, and the local gateway that runs them. A
 * second reading of what a graph means, below, says what has to come out.
 */

let dice = 0;
const cloudflare = useLocalCloudflare({ random: () => dice });
const GATEWAY = "openclaw";
let token: string;
let handler: DynamicRouteHandler;

beforeAll(async () => {
  await createGateway(cloudflare(), GATEWAY);
  token = (await createToken(cloudflare(), "AI Gateway Run", "Workers AI Read")).value;
  const client = sdk(cloudflare());
  handler = new DynamicRouteHandler((account, gateway) => new RoutesApi(client, account, gateway));
});

interface Input {
  host: string;
  dice: number;
}

const INPUTS: readonly Input[] = ["vps1", "vps2"].flatMap((host) =>
  [0, 0.35, 0.55, 0.999].map((roll) => ({ host, dice: roll })),
);

/** Workers AI has no models of this form: a node with one goes on to its fallback. */
const MISSING = /^@cf\/[^/]+$/;

/** Some of the models are there and some are not. */
const graphs = fc
  .tuple(fc.oneof(forwardGraph, anyGraph), fc.infiniteStream(fc.boolean()))
  .map(([graph, fails]) =>
    graph.map((element): RouteElementInput => {
      if (element.type !== "model") return element;
      const model = fails.next().value ? `@cf/${element.id}` : `@cf/test/${element.id}`;
      return { ...element, properties: { provider: "workers-ai", model, timeout: 5_000, retries: 0 } };
    }),
  );

/** The model that serves, or undefined when the way ends without one. @throws when it does not end */
function served(elements: readonly RouteElement[], input: Input): string | undefined {
  let id = elements.find(({ type }) => type === "start")?.id;
  for (let steps = 0; steps <= elements.length; steps++) {
    const element = elements.find((candidate) => candidate.id === id);
    if (element === undefined) throw new Error(`the way leads to ${id}, which is no element`);
    switch (element.type) {
      case "end":
        return undefined;
      case "start":
        id = element.outputs.next.elementId;
        break;
      case "conditional":
        id = element.outputs[input.host === "vps1" ? "true" : "false"].elementId;
        break;
      case "rate":
        id = element.outputs.success.elementId;
        break;
      case "model":
        if (!MISSING.test(element.properties.model)) return element.properties.model;
        id = element.outputs.fallback.elementId;
        break;
      case "percentage":
        id = branchOf(element.outputs, input.dice * 100);
    }
  }
  throw new Error("the way goes round in a circle");
}

function branchOf(outputs: Readonly<Record<string, { elementId: string }>>, at: number): string | undefined {
  let upTo = 0;
  return Object.entries(outputs).find(([share]) => {
    upTo += Number.parseInt(share, 10);
    return at < upTo;
  })?.[1].elementId;
}

async function ask(
  name: string,
  input: Input,
): Promise<{ status: number; model: string | null; code: unknown }> {
  dice = input.dice;
  const { gatewayUrl, accountId } = cloudflare();
  const response = await fetch(`${gatewayUrl}/v1/${accountId}/${GATEWAY}/compat/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "cf-aig-authorization": `Bearer ${token}`,
      "cf-aig-metadata": JSON.stringify({ host: input.host }),
    },
    body: JSON.stringify({ model: `dynamic/${name}`, messages: [{ role: "user", content: "ping" }] }),
  });
  const body = (await response.json()) as { internalCode?: number };
  const { status, headers } = response;
  return { status, model: status === 200 ? headers.get("cf-aig-model") : null, code: body.internalCode };
}

test("a graph is refused with a reason, or runs to an end for every input and survives a round trip", async () => {
  let routes = 0;
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      const { elements, problems } = parseRoute(graph);
      if (elements === undefined) {
        expect(problems.length).toBeGreaterThan(0);
        return;
      }
      const name = `random-${++routes}`;
      const inputs = {
        accountId: cloudflare().accountId,
        gatewayId: GATEWAY,
        name,
        elements,
        adopt: false,
      };
      const { id, outputs } = await handler.create(inputs);
      for (const input of INPUTS) {
        const model = served(elements, input);
        const expected =
          model === undefined
            ? { status: 400, model: null, code: 2005 }
            : { status: 200, model, code: undefined };
        expect({ input, ...(await ask(name, input)) }).toEqual({ input, ...expected });
      }
      const read = await handler.read(id, { ...outputs, elements: [] }, inputs);
      expect(sameGraph(read?.outputs.elements as RouteElement[], elements)).toBe(true);
      await handler.delete(id, outputs);
    }),
    { numRuns: 150 },
  );
  expect(routes).toBeGreaterThan(10);
});
