// The same kinds of resources as the stack makes for one host, straight in one file: no configuration check, no
// components, no bundling, no TypeScript, no look at the hosts. The Worker answers nothing and the two commands do
// nothing on the host: `preview` and an unchanged `up` run neither, and those are what is compared.
const pulumi = require("@pulumi/pulumi");
const cloudflare = require("@pulumi/cloudflare");
const command = require("@pulumi/command");
const random = require("@pulumi/random");

const config = new pulumi.Config();
const api = new pulumi.Config("cloudflare");
const accountId = config.require("accountId");
const name = `minimal-${pulumi.getStack()}`;

const gateway = new cloudflare.AiGateway("gateway", {
  accountId,
  aiGatewayId: name,
  authentication: true,
  cacheInvalidateOnUpdate: true,
  cacheTtl: 0,
  collectLogs: true,
  rateLimitingInterval: 0,
  rateLimitingLimit: 0,
  rateLimitingTechnique: "sliding",
});
const groupId = (group) =>
  cloudflare.getAccountApiTokenPermissionGroupsListOutput({ accountId, name: group }).results[0].id;
const token = new cloudflare.AccountToken("token", {
  accountId,
  name,
  policies: [
    {
      effect: "allow",
      permissionGroups: pulumi
        .all([groupId("AI Gateway Run"), groupId("Workers AI Read")])
        .apply((ids) => ids.sort().map((id) => ({ id }))),
      resources: JSON.stringify({ [`com.cloudflare.api.account.${accountId}`]: "*" }),
    },
  ],
});
const hostToken = new random.RandomPassword("host-token", { length: 48, special: false });
const script = new cloudflare.WorkersScript(
  "script",
  {
    accountId,
    scriptName: name,
    content: "export default { fetch: () => new Response() };",
    mainModule: "worker.mjs",
    compatibilityDate: "2026-04-01",
    bindings: [
      { name: "HOST_TOKEN", type: "secret_text", text: hostToken.result },
      { name: "RUN_TOKEN", type: "secret_text", text: token.value },
    ],
  },
  { additionalSecretOutputs: ["bindings"] },
);
const subdomain = new cloudflare.WorkersScriptSubdomain("subdomain", {
  accountId,
  scriptName: script.scriptName,
  enabled: true,
  previewsEnabled: false,
});

class Provider extends pulumi.ProviderResource {
  constructor(options) {
    super("openclaw", "openclaw", options);
  }
}
class DynamicRoute extends pulumi.CustomResource {
  constructor(inputs, options) {
    super("openclaw:index:DynamicRoute", "route", inputs, options);
  }
}
const provider = new Provider({ apiToken: api.requireSecret("apiToken"), baseUrl: api.require("baseUrl") });
const next = (elementId) => ({ elementId });
const route = new DynamicRoute(
  {
    accountId,
    gatewayId: gateway.id,
    name: "main",
    elements: [
      { id: "start", type: "start", outputs: { next: next("model") } },
      {
        id: "model",
        type: "model",
        properties: {
          provider: "workers-ai",
          model: "@cf/zai-org/glm-4.7-flash",
          timeout: 60000,
          retries: 1,
        },
        outputs: { success: next("end"), fallback: next("end") },
      },
      { id: "end", type: "end", outputs: {} },
    ],
  },
  { provider },
);

const [host] = config.requireObject("hosts");
const sealing = new random.RandomPassword("sealing", { length: 48, special: false });
const connection = {
  host: host.address,
  port: host.port,
  user: host.user,
  hostKey: host.hostKey,
  privateKey: config.requireSecretObject("hosts").apply((hosts) => hosts[0].privateKey),
};
const guard = new command.remote.Command(
  "guard",
  { connection, create: "true", stdin: sealing.result, logging: "none" },
  { dependsOn: [subdomain, route] },
);
new command.remote.Command(
  "apply",
  { connection, create: "true", stdin: hostToken.result, logging: "none" },
  { dependsOn: guard },
);
