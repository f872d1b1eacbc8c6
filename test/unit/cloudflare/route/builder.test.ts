import {
  buildRoute,
  END,
  model,
  oneModelRoute,
  parseRoute,
  rate,
  split,
  when,
} from "../../../../infra/cloudflare/route";

const small = model({ provider: "workers-ai", model: "@cf/small" });

test("one model is the whole route", () => {
  expect(oneModelRoute("@cf/moonshotai/kimi-k2.6")).toEqual([
    { id: "start", type: "start", outputs: { next: { elementId: "model" } } },
    {
      id: "model",
      type: "model",
      properties: { provider: "workers-ai", model: "@cf/moonshotai/kimi-k2.6", timeout: 60_000, retries: 1 },
      outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
    },
    { id: "end", type: "end", outputs: {} },
  ]);
});

test("a step that is used twice is one element", () => {
  const big = model({ provider: "openai", model: "gpt-5", timeout: 5, retries: 0, fallback: small });
  const limited = rate(
    { key: "metadata.host", limit: 5, limitType: "cost", window: 86_400 },
    { within: big, beyond: small },
  );
  const elements = buildRoute(
    when({ "metadata.plan": { $eq: "paid" } }, { matched: limited, otherwise: small }),
  );
  expect(elements.map(({ id }) => id)).toEqual([
    "start",
    "conditional-1",
    "rate-1",
    "model-1",
    "end",
    "model-2",
  ]);
  expect(parseRoute(elements)).toEqual({ elements });
});

test("ids can be given", () => {
  const elements = buildRoute(model({ id: "kimi", provider: "workers-ai", model: "@cf/x", fallback: END }));
  expect(elements.map(({ id }) => id)).toEqual(["start", "kimi", "end"]);
});

test("a split has one branch per share", () => {
  const elements = buildRoute(
    split(
      [
        { percent: 10, to: small },
        { percent: 90, to: END },
      ],
      { id: "ab" },
    ),
  );
  expect(elements[1]).toEqual({
    id: "ab",
    type: "percentage",
    outputs: { "10%": { elementId: "model-1" }, "90%": { elementId: "end" } },
  });
});

test("equal shares are told apart by dividing them", () => {
  const end = { elementId: "end" };
  const outputs = (...shares: number[]) => {
    const element = buildRoute(split(shares.map((percent) => ({ percent, to: END }))))[1];
    return element?.outputs;
  };
  expect(outputs(50, 50)).toEqual({ "50%": end, "49%": end, "1%": end });
  expect(outputs(20, 20, 60)).toEqual({ "20%": end, "19%": end, "1%": end, "60%": end });
  expect(() => outputs(98, 1, 1)).toThrow("Two branches of a split have 1%");
  expect(() => outputs(25, 25, 25, 25)).toThrow("need 7 branches");
});
