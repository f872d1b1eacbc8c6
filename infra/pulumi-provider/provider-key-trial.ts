import { causeOf } from "../fetch-cause";
import { callGateway, type GatewayAnswer } from "../gateway-call";
import { type LlmProvider, llmProvider } from "../llm-providers";
import { type Created, type Difference, type Properties, StateOnlyHandler } from "./handler";

/**
 * `openclaw:index:ProviderKeyTrial`: a provider key that its provider is known to accept. It is tried through the
 * gateway, the way that it will be used, with a call that costs nothing; a key that was tried is not tried again.
 */
export class ProviderKeyTrialHandler extends StateOnlyHandler {
  /** What could not be tried the last time is tried again. The run token is only the way to the provider. */
  diff(state: Properties, inputs: Properties): Difference {
    const updates = ["slug", "apiKey"].filter((key) => inputs[key] !== state[key]);
    if (state.untried !== "") updates.push("untried");
    return { replaces: [], updates };
  }

  async create(inputs: Properties): Promise<Created> {
    return { id: String(inputs.slug), outputs: await tried(inputs) };
  }

  async update(_id: string, _state: Properties, inputs: Properties): Promise<Properties> {
    return tried(inputs);
  }
}

/** @throws when the provider refuses the key */
async function tried(inputs: Properties): Promise<Properties> {
  const provider = llmProvider(String(inputs.slug));
  if (provider?.keyTrial === undefined) return { ...inputs, untried: "" };
  const url = `${String(inputs.gatewayUrl)}/${provider.slug}/${provider.keyTrial}`;
  return {
    ...inputs,
    untried: await outcomeOf(provider, url, String(inputs.apiKey), String(inputs.runToken)),
  };
}

/** Empty for an accepted key, else why nothing is known of it. */
async function outcomeOf(
  provider: LlmProvider,
  url: string,
  apiKey: string,
  runToken: string,
): Promise<string> {
  let answer: GatewayAnswer;
  try {
    answer = await callGateway(url, "GET", headersOf(provider, apiKey, runToken));
  } catch (error) {
    return `the gateway cannot be reached: ${causeOf(error)}`;
  }
  if (answer.gatewayCode !== undefined) return `AI Gateway answered with ${answer.gatewayCode}`;
  if (isRefusal(answer)) {
    throw new Error(
      `${provider.name} does not accept the key in providers.${provider.slug}.apiKey (HTTP ${answer.status}). ` +
        `Set a valid one: pulumi config set --secret --path 'providers["${provider.slug}"].apiKey'. ` +
        "To go on without this trial: pulumi config set --path preflight.providerKeys false",
    );
  }
  return answer.status < 300 ? "" : `${provider.name} answered with HTTP ${answer.status}`;
}

/** Google and xAI answer a bad key with 400 and say so. A 403 may as well be about a region or a limited key. */
function isRefusal({ status, text }: GatewayAnswer): boolean {
  return status === 401 || (status === 400 && /api[ _-]?key/i.test(text));
}

function headersOf(
  { keyHeader, slug }: LlmProvider,
  apiKey: string,
  runToken: string,
): Record<string, string> {
  return {
    [keyHeader]: keyHeader === "authorization" ? `Bearer ${apiKey}` : apiKey,
    "cf-aig-authorization": `Bearer ${runToken}`,
    ...(slug === "anthropic" ? { "anthropic-version": "2023-06-01" } : {}),
  };
}
