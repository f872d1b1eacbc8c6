/** What a configuration key is for; `docs/configuration.md` says it. */
export interface Meaning {
  readonly text: string;
  /** What holds where the key is left out, when that is no constant. */
  readonly unset?: string;
}

const meaning = (text: string, unset?: string): Meaning => (unset === undefined ? { text } : { text, unset });

type LeftOut = Readonly<Record<string, string>>;

/** A host's entry without a setting has the stack's. */
const STACKS_OWN: LeftOut = Object.fromEntries(
  ["primaryModel", "fallbacks", "models", "acceptUnserved", "allowVersion"].map((name) => [
    name,
    `as \`openclaw.${name}\``,
  ]),
);

/** Keys as in `fields.ts`, and `.*` for all keys below one that mean the same. */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
  access: meaning("[How the hosts' requests get to the gateway](direct-access.md)."),
  accountId: meaning("The Cloudflare account. Its id is in the address of every dashboard page."),
  "cloudflare:apiToken": meaning(
    "The token that deploys. `preview` names the permissions that it lacks.",
    "`CLOUDFLARE_API_TOKEN`",
  ),
  "cloudflare:baseUrl": meaning("The Cloudflare API. Only the local target needs another one."),

  gateway: meaning("The AI Gateway."),
  "gateway.id": meaning("Its name at Cloudflare. Another id is another gateway.", "`openclaw-<stack>`"),
  "gateway.url": meaning("Where gateways answer. Only the local target needs another one."),
  "gateway.adopt": meaning(
    "Take over a gateway of that id that is there already. It is then kept at destroy.",
  ),
  "gateway.protect": meaning("Refuse `pulumi destroy` until it is unprotected."),
  "gateway.retainOnDelete": meaning(
    "`pulumi destroy` keeps the gateway with its logs.",
    "whether it was there before the stack",
  ),
  "gateway.authentication": meaning("Only requests with a token are answered."),
  "gateway.byokOnly": meaning("No request is ever paid from the account's credits."),
  "gateway.cacheInvalidateOnUpdate": meaning("A change of the gateway empties its cache."),
  "gateway.cacheTtl": meaning("How long an answer is given again to the same request."),
  "gateway.collectLogs": meaning("Store prompts and answers."),
  "gateway.dlp": meaning(
    "Data loss prevention: look for the patterns of your account's DLP profiles.",
    "off",
  ),
  "gateway.dlp.enabled": meaning("Switches it off without losing the settings."),
  "gateway.dlp.action": meaning("What happens to a request or answer that matches.", "see `policies`"),
  "gateway.dlp.profiles": meaning("The profiles to look for.", "see `policies`"),
  "gateway.dlp.policies": meaning("In place of `action` and `profiles`: several of them.", "none"),
  "gateway.dlp.policies[].id": meaning("Its name."),
  "gateway.dlp.policies[].action": meaning("What happens to what matches."),
  "gateway.dlp.policies[].checks": meaning("Where to look."),
  "gateway.dlp.policies[].enabled": meaning("Switches this policy off."),
  "gateway.dlp.policies[].profiles": meaning("The profiles to look for."),
  "gateway.guardrails": meaning(
    "Look for harmful content with Llama Guard, which is billed as Workers AI.",
    "off",
  ),
  "gateway.guardrails.prompt": meaning("What to look for in prompts.", "nothing"),
  "gateway.guardrails.prompt.*": meaning(
    "p1 is prompt injection, s1 to s13 the hazards of Llama Guard 3.",
    "off",
  ),
  "gateway.guardrails.response": meaning("What to look for in answers.", "nothing"),
  "gateway.guardrails.response.*": meaning("As for prompts.", "off"),
  "gateway.logClassification": meaning("Let Cloudflare classify what is logged."),
  "gateway.logManagement": meaning(
    "How many log entries are kept, for accounts from before 24 September 2026.",
  ),
  "gateway.logManagementStrategy": meaning("What happens when there are that many."),
  "gateway.logpush": meaning("Let Logpush export the logs."),
  "gateway.logpushPublicKey": meaning("Encrypts what Logpush exports.", "none"),
  "gateway.otels": meaning("Where traces of requests are sent."),
  "gateway.otels[].url": meaning("Its address."),
  "gateway.otels[].headers": meaning("Sent with every trace.", "none"),
  "gateway.otels[].authorization": meaning("Its credential.", "none"),
  "gateway.otels[].contentType": meaning("How traces are written."),
  "gateway.rateLimit": meaning("A limit for the whole gateway; `worker.rateLimit` is one for each host."),
  "gateway.rateLimit.limit": meaning("How many requests."),
  "gateway.rateLimit.interval": meaning("In what time."),
  "gateway.rateLimit.technique": meaning("Whether the interval starts at fixed times."),
  "gateway.retries": meaning("The gateway tries a failed request again.", "off"),
  "gateway.retries.maxAttempts": meaning("How often."),
  "gateway.retries.delay": meaning("After how long."),
  "gateway.retries.backoff": meaning("How the delay grows."),
  "gateway.spendLimits": meaning(
    "Budgets. Cloudflare counts what it takes requests to cost, best effort.",
    "off",
  ),
  "gateway.spendLimits.enabled": meaning("Switches all rules off."),
  "gateway.spendLimits.rules": meaning("The budgets; each is counted on its own."),
  "gateway.spendLimits.rules[].id": meaning("Its name. Two rules cannot share one."),
  "gateway.spendLimits.rules[].limit": meaning("How much."),
  "gateway.spendLimits.rules[].limitType": meaning("What is counted."),
  "gateway.spendLimits.rules[].window": meaning("In what time."),
  "gateway.spendLimits.rules[].technique": meaning("Whether the window starts at fixed times."),
  "gateway.spendLimits.rules[].enabled": meaning("Switches this rule off."),
  "gateway.spendLimits.rules[].model": meaning("Only these models.", "all"),
  "gateway.spendLimits.rules[].model.mode": meaning("How the values are used."),
  "gateway.spendLimits.rules[].model.values": meaning("Their names."),
  "gateway.spendLimits.rules[].aiGatewayProvider": meaning("Only these providers.", "all"),
  "gateway.spendLimits.rules[].aiGatewayProvider.mode": meaning("How the values are used."),
  "gateway.spendLimits.rules[].aiGatewayProvider.values": meaning("Their slugs."),
  "gateway.spendLimits.rules[].metadata": meaning(
    "A budget for each value (`partition`), or for some (`filter`).",
    "all",
  ),
  "gateway.stripe": meaning("Usage events for Stripe's metered billing.", "off"),
  "gateway.stripe.authorization": meaning("The key that reports them."),
  "gateway.stripe.usageEvents": meaning("What is reported."),
  "gateway.stripe.usageEvents[].payload": meaning("Its template."),
  "gateway.workersAiBillingMode": meaning(
    "Whether Workers AI is paid afterwards, or from the account's credits.",
  ),
  "gateway.zdr": meaning(
    "Zero data retention at the provider; only for requests paid from the account's credits.",
  ),

  runToken: meaning("The token that the Worker shows to the gateway."),
  "runToken.expiresOn": meaning("The end of the token. Every `up` warns from 14 days before.", "never"),
  "runToken.rotation": meaning(
    "A label. Another one makes another token, without a refused request.",
    "none",
  ),
  "runToken.drainSeconds": meaning("How long a replaced token is kept for requests in flight."),
  "runToken.value": meaning("A token of your own. None is made then.", "one is made"),

  worker: meaning("The proxy Worker."),
  "worker.name": meaning("Name of the script, and of the run token.", "`openclaw-<stack>`"),
  "worker.url": meaning(
    "The Worker's address, where hosts reach it at another one.",
    "the domain, or workers.dev",
  ),
  "worker.domain": meaning("The Worker's own host name, with DNS record and certificate.", "workers.dev"),
  "worker.zoneId": meaning("The zone of `domain`, or `zoneName` in its place.", "found by `domain`"),
  "worker.zoneName": meaning("The zone of `domain`.", "found by `domain`"),
  "worker.createSubdomain": meaning(
    "The account's name at workers.dev. No stack deletes it.",
    "it has to be there",
  ),
  "worker.maxBodyBytes": meaning("The largest request body.", "Cloudflare's own"),
  "worker.metadata": meaning(
    "Further entries of `cf-aig-metadata`, beside `host`: for logs, routes and budgets.",
    "none",
  ),
  "worker.metadata.*": meaning("One entry."),
  "worker.rateLimit": meaning("A limit for each host.", "off"),
  "worker.rateLimit.limit": meaning("How many requests."),
  "worker.rateLimit.period": meaning("In how many seconds."),

  providers: meaning("The LLM providers that OpenClaw may use, by AI Gateway's slug."),
  "providers.*": meaning("One provider. How it is paid has to be said."),
  "providers.*.apiKey": meaning("Your key.", "none"),
  "providers.*.byokAlias": meaning(
    "A key that you stored at the gateway; beside `keyStore`, the name for yours.",
    "none",
  ),
  "providers.*.keyStore": meaning("[Who holds the key](routes.md#keys-stored-at-the-gateway).", "`worker`"),
  "providers.*.unifiedBilling": meaning(
    "Pay from the account's credits. Needs `gateway.byokOnly` false.",
    "`false`",
  ),
  "providers.*.models": meaning("The models that OpenClaw offers.", "OpenClaw's catalog"),
  "providers.*.models[].id": meaning("The provider's name for it."),
  "providers.*.models[].name": meaning("What OpenClaw shows."),
  "providers.*.attribution": meaning("Who asks, for OpenRouter's rankings.", "OpenClaw"),
  "providers.*.attribution.referer": meaning("Sent as `HTTP-Referer`.", "`https://openclaw.ai`"),
  "providers.*.attribution.title": meaning("Sent as `X-OpenRouter-Title`.", "`OpenClaw`"),
  "providers.*.name": meaning("Further providers: what error texts call it.", "its slug"),
  "providers.*.apiFamily": meaning("Further providers: the shape of the Worker's own errors."),
  "providers.*.keyHeader": meaning("Further providers: the header of the key."),
  "providers.*.routes": meaning("Further providers: what the Worker lets through. All else is 404."),
  "providers.*.pathPrefixes": meaning("Further providers: what clients may put before a route."),
  "providers.*.sentPrefix": meaning(
    "Further providers: what the gateway gets in its place.",
    "what the client sent",
  ),
  "providers.*.requestHeaders": meaning("Further providers: headers that are passed on."),
  "providers.*.openclaw": meaning("Further providers: OpenClaw's entry for it."),
  "providers.*.openclaw.api": meaning("OpenClaw's name of the wire format.", "that of `apiFamily`"),
  "providers.*.openclaw.basePath": meaning("Where OpenClaw finds it at the Worker.", "slug and first prefix"),

  preflight: meaning("What is tried before the first host is touched."),
  "preflight.providerKeys": meaning("Try each provider key, with a call that costs nothing."),
  restore: meaning("How a host gets its own files back, by destroy or by a bypass."),
  "restore.keys": meaning(
    "Which provider keys these have: the ones that were there, or in their place those that the stack has now, " +
      "[in every place that is covered](operations.md#when-the-old-keys-were-revoked).",
  ),

  routes: meaning("The [dynamic routes](routes.md), by a key of your choice.", "one, `main`"),
  "routes.*": meaning(
    "One route: what it does is one of `model`, `fallback`, `split`, `limit`, `match` and `graph`.",
  ),
  "routes.*.name": meaning("Callers ask for `dynamic/<name>`. Another one renames the route.", "its key"),
  "routes.*.model": meaning("One model.", "`@cf/zai-org/glm-4.7-flash`"),
  "routes.*.fallback": meaning("Models, each tried when the one before it fails.", "none"),
  "routes.*.split": meaning("Shares of the requests for several models.", "none"),
  "routes.*.split[].percent": meaning("How many of a hundred requests."),
  "routes.*.split[].model": meaning("Who gets them."),
  "routes.*.limit": meaning("A model within a budget or rate, another beyond it.", "none"),
  "routes.*.limit.per": meaning("For whom it is counted."),
  "routes.*.limit.requests": meaning("How many requests.", "see `dollars`"),
  "routes.*.limit.dollars": meaning("How much money, as Cloudflare estimates it.", "see `requests`"),
  "routes.*.limit.window": meaning("In what time."),
  "routes.*.limit.model": meaning("Who serves within the limit."),
  "routes.*.limit.beyond": meaning("Who serves beyond it, and when `model` fails."),
  "routes.*.match": meaning("A model for each value of an entry of the metadata.", "none"),
  "routes.*.match.metadata": meaning("The entry."),
  "routes.*.match.cases": meaning("By value."),
  "routes.*.match.cases.*": meaning("Who serves this value."),
  "routes.*.match.otherwise": meaning("Who serves all other values."),
  "routes.*.graph": meaning(
    "[Any other graph](routes.md#any-other-graph), as Cloudflare's API takes it.",
    "none",
  ),
  "routes.*.version": meaning("An earlier version, which serves in place of the graph.", "none"),
  "routes.*.adopt": meaning(
    "Take over a route of that name that is there already. It is then kept at destroy.",
  ),
  "routes.*.allowPercentage": meaning("Allow [a split](routes.md#an-ab-split) in the default route."),

  openclaw: meaning("OpenClaw's settings, the same for all hosts."),
  "openclaw.env": meaning("What is changed on a host. Variables reach the Worker for OpenAI alone."),
  ...openclawSettings("openclaw", {}),

  hosts: meaning("The machines that run OpenClaw, in the order of the list."),
  "hosts[].name": meaning("Its name in tokens, logs and metadata. Another name is another host."),
  ...sshServer("hosts[]"),
  "hosts[].jumpHost": meaning("[The SSH server on the way](fleet.md#log-in).", "none"),
  ...sshServer("hosts[].jumpHost"),
  "hosts[].directory": meaning("Where its `docker-compose.yml` is."),
  "hosts[].service": meaning("OpenClaw's service there."),
  "hosts[].state": meaning("[What is to become of it](fleet.md#taking-a-host-out)."),
  "hosts[].canary": meaning("It is changed before the others. If no host is marked, the first one is."),
  "hosts[].tokenGenerations": meaning(
    "Its tokens. [`npm run rotate`](fleet.md#rotating-host-tokens) changes them.",
  ),
  "hosts[].tokenGenerations.held": meaning("The one that the host has."),
  "hosts[].tokenGenerations.accepted": meaning("Those that the Worker accepts.", "the one that the host has"),
  "hosts[].look": meaning(
    "[Look at it before anything else](fleet.md#before-anything-is-done): at its host key, and at what was changed there.",
  ),
  "hosts[].lookSeconds": meaning("How long that look may take."),
  "hosts[].composeFiles": meaning(
    "The project's own compose files.",
    "`COMPOSE_FILE` of its `.env`, else as Compose finds them",
  ),
  "hosts[].openclaw": meaning(
    "What this host has in the place of [the stack's settings](#openclaw).",
    "none",
  ),
  ...openclawSettings("hosts[].openclaw", STACKS_OWN),
  "hosts[].entry": meaning("Where OpenClaw's program is in the container."),
  "hosts[].allowKeys": meaning("Places where a provider key may stay; `npm run status` goes on naming them."),
  "hosts[].window": meaning("When a change may interrupt OpenClaw.", "any time"),
  "hosts[].drainSeconds": meaning("How long OpenClaw may take to stop."),
  "hosts[].workerWaitSeconds": meaning(
    "How long the Worker, or the gateway, may take to be ready for the host.",
  ),
  "hosts[].readyWaitSeconds": meaning("How long OpenClaw may take to start."),
};

function openclawSettings(path: string, leftOut: LeftOut): Record<string, Meaning> {
  const of = (name: string, text: string, otherwise?: string) => meaning(text, leftOut[name] ?? otherwise);
  return {
    [`${path}.primaryModel`]: of("primaryModel", "The model that OpenClaw uses.", "each host keeps its own"),
    [`${path}.fallbacks`]: of("fallbacks", "What OpenClaw tries after it."),
    [`${path}.models`]: of("models", "Settings of single models."),
    [`${path}.models[].ref`]: meaning("Which one."),
    [`${path}.models[].name`]: meaning("What OpenClaw shows."),
    [`${path}.models[].input`]: meaning("What it understands.", "OpenClaw's catalog"),
    [`${path}.models[].contextWindow`]: meaning("The size of its context.", "OpenClaw's catalog"),
    [`${path}.models[].maxTokens`]: meaning("The size of its longest answer.", "OpenClaw's catalog"),
    [`${path}.acceptUnserved`]: of(
      "acceptUnserved",
      "Models of a host's own configuration that may stay without a provider.",
    ),
    [`${path}.allowVersion`]: of(
      "allowVersion",
      "A version of OpenClaw that this project was not tested with.",
      "none",
    ),
  };
}

function sshServer(path: string): Record<string, Meaning> {
  return {
    [`${path}.address`]: meaning("Where it answers."),
    [`${path}.port`]: meaning("Its SSH port."),
    [`${path}.user`]: meaning("Who logs in."),
    [`${path}.privateKey`]: meaning("With which key.", "see `agent`"),
    [`${path}.agent`]: meaning("Log in with the keys of your SSH agent."),
    [`${path}.hostKey`]: meaning("The pin. Another key ends the run before anything is made."),
  };
}
