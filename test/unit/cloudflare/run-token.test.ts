import * as pulumi from "@pulumi/pulumi";
import { groupIdOf, RunToken } from "../../../infra/cloudflare/run-token";
import { OpenClawProvider } from "../../../infra/pulumi-provider/resources";
import { stackConfig } from "../config/stack-config";
import { dependencies, recordStack } from "../program/recorded-stack";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const GATEWAY_URL = "https://gateway.example.com/v1/a/g";

/** Groups as the API answers: also those whose name only contains what was asked for. */
const GROUPS: Record<string, { id: string; name: string }[]> = {
  "AI Gateway Run": [
    { id: "0-wrong", name: "AI Gateway Run (beta)" },
    { id: "9-run", name: "AI Gateway Run" },
  ],
  "Workers AI Read": [{ id: "1-read", name: "Workers AI Read" }],
};

function record({ usesWorkersAi = true, settings = {} as object } = {}) {
  const asked: Record<string, unknown>[] = [];
  const stack = recordStack(
    () => {
      const config = stackConfig({ runToken: settings });
      const user = new pulumi.ComponentResource("test:index:User", "user");
      const token = new RunToken("run", {
        accountId: ACCOUNT,
        tokenName: "openclaw-test",
        usesWorkersAi,
        settings: config.runToken,
        gatewayUrl: GATEWAY_URL,
        provider: new OpenClawProvider("openclaw", {}),
      });
      token.drain([user]);
      return { value: token.value };
    },
    {
      state: { "cloudflare:index/accountToken:AccountToken": { value: "the-token" } },
      call: (token, inputs) => {
        expect(token).toBe(
          "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList",
        );
        asked.push(inputs);
        return { results: GROUPS[String(inputs.name)] ?? [] };
      },
    },
  );
  return { stack, asked };
}

const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString();

test("it may run gateways and read Workers AI, of this account alone", async () => {
  const { stack, asked } = record();
  const token = (await stack).resource("run-token");
  expect(token.qualifiedType).toBe(
    "openclaw-ai-gateway:cloudflare:RunToken$cloudflare:index/accountToken:AccountToken",
  );
  expect(token.inputs).toEqual({
    accountId: ACCOUNT,
    name: "openclaw-test",
    policies: [
      {
        effect: "allow",
        // By exact name, and ascending by id.
        permissionGroups: [{ id: "1-read" }, { id: "9-run" }],
        resources: `{"com.cloudflare.api.account.${ACCOUNT}":"*"}`,
      },
    ],
  });
  expect(asked).toEqual(
    ["AI Gateway Run", "Workers AI Read"].map((name) => ({
      accountId: ACCOUNT,
      name,
      scope: "com.cloudflare.api.account",
    })),
  );
});

test("without Workers AI it has the one permission", async () => {
  const { stack } = record({ usesWorkersAi: false });
  expect((await stack).resource("run-token").inputs).toMatchObject({
    policies: [{ permissionGroups: [{ id: "9-run" }] }],
  });
});

test("its value is a secret", async () => {
  const { stack } = record();
  expect((await stack).outputs.value).toBe("the-token");
  expect(await (await stack).isSecret("value")).toBe(true);
});

test("nobody gets the value before the gateway has accepted it", async () => {
  const recorded = await record().stack;
  const trial = recorded.resource("run-token-trial");
  expect(trial.qualifiedType).toMatch(/RunToken\$openclaw:index:RunTokenTrial$/);
  expect(trial.inputs).toEqual({ gatewayUrl: GATEWAY_URL, token: { secret: "the-token" } });
  expect(trial.options.additionalSecretOutputs).toEqual(["token"]);
});

test("a label is part of the name, and another name is another token", async () => {
  const { inputs, options } = (await record({ settings: { rotation: "2030-01" } }).stack).resource(
    "run-token",
  );
  expect(inputs.name).toBe("openclaw-test 2030-01");
  expect(options.replaceOnChanges).toEqual(["name"]);
  expect(options.deleteBeforeReplace).toBeUndefined();
});

test("a replaced token stays until its users have the new one and the drain is over", async () => {
  const drain = (await record({ settings: { drainSeconds: 5 } }).stack).resource("run-token-drain");
  expect(drain.inputs).toEqual({ of: "run-token-id", seconds: 5 });
  expect(await dependencies(drain)).toEqual(["user"]);
});

test("an expiry far away is set and not mentioned; one that is near is warned of", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const [far, near] = [inDays(15), inDays(13.5)];
  const stack = await record({ settings: { expiresOn: far } }).stack;
  expect(stack.resource("run-token").inputs.expiresOn).toBe(far);
  expect(warn).not.toHaveBeenCalled();
  await record({ settings: { expiresOn: near } }).stack;
  expect(warn).toHaveBeenCalledWith(
    expect.stringMatching(/expires in 13 days.*runToken\.rotation/),
    expect.anything(),
  );
  warn.mockRestore();
});

test("the operator's own token: none is made, no permission group is looked up, the trial stays", async () => {
  const { stack, asked } = record({ settings: { value: "o".repeat(40) } });
  const recorded = await stack;
  expect(recorded.resources.map(({ name }) => name)).not.toContain("run-token");
  // One that the stack had made before stays as long as after a rotation.
  expect(recorded.resource("run-token-drain").inputs.of).toBe("runToken.value");
  expect(asked).toEqual([]);
  expect(recorded.resource("run-token-trial").inputs.token).toEqual({ secret: "o".repeat(40) });
  expect(await recorded.isSecret("value")).toBe(true);
});

test("a missing permission group is named, with what the deploying token needs", () => {
  expect(() => groupIdOf("AI Gateway Run", [{ id: "x", name: "AI Gateway Read" }])).toThrow(
    /no permission group named 'AI Gateway Run' \(found: 'AI Gateway Read'\).*Account API Tokens Write/,
  );
});
