import { groupIdOf, RunToken } from "../../../infra/cloudflare/run-token";
import { recordStack } from "../program/recorded-stack";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const ARGS = { accountId: ACCOUNT, tokenName: "openclaw-test", usesWorkersAi: true };

/** Groups as the API answers: also those whose name only contains what was asked for. */
const GROUPS: Record<string, { id: string; name: string }[]> = {
  "AI Gateway Run": [
    { id: "0-wrong", name: "AI Gateway Run (beta)" },
    { id: "9-run", name: "AI Gateway Run" },
  ],
  "Workers AI Read": [{ id: "1-read", name: "Workers AI Read" }],
};

function record(args: typeof ARGS) {
  const asked: Record<string, unknown>[] = [];
  const stack = recordStack(() => ({ value: new RunToken("run", args).value }), {
    state: { "cloudflare:index/accountToken:AccountToken": { value: "the-token" } },
    call: (token, inputs) => {
      expect(token).toBe(
        "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList",
      );
      asked.push(inputs);
      return { results: GROUPS[String(inputs.name)] ?? [] };
    },
  });
  return { stack, asked };
}

test("it may run gateways and read Workers AI, of this account alone", async () => {
  const { stack, asked } = record(ARGS);
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
  const { stack } = record({ ...ARGS, usesWorkersAi: false });
  expect((await stack).resource("run-token").inputs).toMatchObject({
    policies: [{ permissionGroups: [{ id: "9-run" }] }],
  });
});

test("its value is a secret", async () => {
  const { stack } = record(ARGS);
  expect((await stack).outputs.value).toBe("the-token");
  expect(await (await stack).isSecret("value")).toBe(true);
});

test("a missing permission group is named, with what the deploying token needs", () => {
  expect(() => groupIdOf("AI Gateway Run", [{ id: "x", name: "AI Gateway Read" }])).toThrow(
    /no permission group named 'AI Gateway Run' \(found: 'AI Gateway Read'\).*Account API Tokens Write/,
  );
});
