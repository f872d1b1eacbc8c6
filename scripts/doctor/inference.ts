import type { ConfiguredProvider } from "../../infra/config/providers";
import type { ConfiguredRoute } from "../../infra/config/routes";
import { routeModel } from "../../infra/host/openclaw-config";
import { type Check, type Finding, failed, ok, skipped } from "./check";
import type { DeployedHost, Deployment } from "./deployment";
import { compatRequest, type InferenceRequest, inferenceRequest } from "./inference-request";
import { described, fixFor, readyId } from "./worker";
import { askWorker, type WorkerAnswer } from "./worker-call";

/** What the checks of models leave for the one of the gateway's log: ids of the entries. */
export type LogIds = string[];

/**
 * Real requests with the token of the first host: one to each provider, one to each dynamic route. With
 * `access: direct` the provider keys are the hosts' own, and each host's own turn is the proof.
 */
export function inferenceChecks({ config, hosts, workerUrl }: Deployment, logIds: LogIds): Check[] {
  const host = hosts.find(({ token }) => token !== undefined);
  if (host === undefined || workerUrl === undefined) return [];
  const ask = async (request: InferenceRequest) => {
    const answer = await askWorker(workerUrl + request.path, host.token, request.body, request.headers);
    if (answer.logId !== undefined) logIds.push(answer.logId);
    return answer;
  };
  return [
    ...config.providers.map((provider) => providerCheck(provider, host, ask)),
    ...config.routes.map((route) => routeCheck(route, host, ask)),
  ];
}

/** Some 40 tokens of the dearest models there are. */
const USD = 0.0005;

type Ask = (request: InferenceRequest) => Promise<WorkerAnswer>;

function providerCheck({ provider }: ConfiguredProvider, host: DeployedHost, ask: Ask): Check {
  const { slug, name } = provider;
  const request = inferenceRequest(provider);
  return {
    id: `provider:${slug}`,
    title: `${name} answers`,
    usd: provider.inference?.usd ?? USD,
    needs: [readyId(host)],
    run: async () => {
      if (request === undefined) return skipped(`no model is known; set providers["${slug}"].models`);
      const answer = await ask(request);
      if (answer.status < 300 && answer.status !== 0) return ok(request.model);
      return failed(`${request.model}: ${described(answer)}`, providerFix(slug, answer));
    },
  };
}

function providerFix(slug: string, answer: WorkerAnswer): string {
  if (answer.code !== undefined || answer.status === 0) return fixFor(answer);
  const key = `npx pulumi config set --secret --path 'providers["${slug}"].apiKey', then npx pulumi up`;
  switch (answer.status) {
    case 400:
    case 401:
    case 403:
      return `if the key is refused: ${key}`;
    case 402:
    case 429:
      return "look at the limits and the credit of your account with the provider";
    case 404:
      return "the key has no access to this model; a request of your own to another one may well be answered";
    default:
      return "wait and try again; the provider's status page says whether it has trouble";
  }
}

function routeCheck(route: ConfiguredRoute, host: DeployedHost, ask: Ask): Check {
  const model = routeModel(route.name);
  return {
    id: `route:${route.key}`,
    title: `${model} is served by its model`,
    usd: USD,
    needs: [readyId(host)],
    run: async () => {
      const answer = await ask(compatRequest(model));
      if (answer.status >= 300 || answer.status === 0) return failed(described(answer), fixFor(answer));
      return servedAsConfigured(route, answer);
    },
  };
}

/** A route with branches may be served by any of its models: which, is for the graph to say. */
function servedAsConfigured({ elements, version }: ConfiguredRoute, answer: WorkerAnswer): Finding {
  const served = `${answer.provider}/${answer.model}`;
  if (version !== undefined) return ok(`${served}, by the pinned version`);
  const models = elements.flatMap((element) =>
    element.type === "model" ? [`${element.properties.provider}/${element.properties.model}`] : [],
  );
  if (!models.includes(served)) {
    return failed(`served by ${served}, configured is ${models.join(" or ")}`, "npx pulumi up --refresh");
  }
  return ok(answer.step === undefined || answer.step === "0" ? served : `${served}, as step ${answer.step}`);
}
