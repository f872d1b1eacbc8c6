import {
  LOCAL_PROVIDER_KEYS,
  type LocalCloudflare,
  startLocalCloudflare,
} from "../../../scripts/local/cloudflare";

/** OpenRouter's Gemini: a tool call comes with a thought signature, and a request that has lost it is refused. */

let cloudflare: LocalCloudflare;

beforeAll(async () => {
  cloudflare = await startLocalCloudflare({ providerKeys: LOCAL_PROVIDER_KEYS });
});
afterAll(() => cloudflare.close());

const QUESTION = { role: "user", content: 'Call the tool read with {"path":"note.txt"}' };
const TOOLS = [{ type: "function", function: { name: "read", parameters: {} } }];

async function ask(messages: object[], model = "google/gemini-3.1-pro-preview", tools: object[] = TOOLS) {
  const response = await fetch(`${cloudflare.providersUrl}/openrouter/api/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${LOCAL_PROVIDER_KEYS.openrouter}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ model, messages, tools, stream: true }),
  });
  const text = await response.text();
  const events = text.split("\n").filter((line) => line.startsWith("data: {"));
  const deltas = events.flatMap((line) =>
    JSON.parse(line.slice(6)).choices.map((choice: Choice) => choice.delta),
  );
  return { status: response.status, text, deltas: deltas as Delta[] };
}

interface Delta {
  content?: string;
  tool_calls?: { id?: string; function: { name?: string; arguments: string } }[];
  reasoning_details?: { type: string; id?: string; data?: string }[];
}
interface Choice {
  delta: Delta;
}

/** The assistant's message that a client puts together. */
async function called() {
  const { deltas } = await ask([QUESTION]);
  const calls = deltas.flatMap(({ tool_calls = [] }) => tool_calls);
  const fn = {
    name: calls[0]?.function.name,
    arguments: calls.map((call) => call.function.arguments).join(""),
  };
  const details = deltas.flatMap(({ reasoning_details = [] }) => reasoning_details);
  return {
    message: {
      role: "assistant",
      content: null,
      tool_calls: [{ id: calls[0]?.id, type: "function", function: fn }],
    },
    details: details.filter(({ type }) => type === "reasoning.encrypted"),
    result: { role: "tool", tool_call_id: calls[0]?.id, content: "plover" },
  };
}

test("the tool that was asked for is called, with a signature", async () => {
  const { message, details } = await called();
  expect(message.tool_calls[0]?.function).toEqual({ name: "read", arguments: '{"path":"note.txt"}' });
  expect(details).toEqual([
    expect.objectContaining({ id: message.tool_calls[0]?.id, data: expect.any(String) }),
  ]);
});

test("what the tool said is in the next answer", async () => {
  const { message, details, result } = await called();
  const context = { role: "user", content: "of the client's own" };
  const { text } = await ask([QUESTION, { ...message, reasoning_details: details }, result, context]);
  expect(text.replace(/[^a-z]/g, "")).toContain("plover");
});

test("without the signature, or with another one, the next request is refused", async () => {
  const { message, details, result } = await called();
  expect(await ask([QUESTION, message, result])).toMatchObject({
    status: 400,
    text: expect.stringContaining("missing a thought_signature"),
  });
  const other = details.map((detail) => ({ ...detail, data: "AAAA" }));
  expect(await ask([QUESTION, { ...message, reasoning_details: other }, result])).toMatchObject({
    status: 400,
    text: expect.stringContaining("Corrupted thought signature"),
  });
});

test("a tool that the client does not have is not called, and other models know nothing of all this", async () => {
  for (const { deltas } of [await ask([QUESTION], undefined, []), await ask([QUESTION], "openrouter/auto")])
    expect(deltas.every(({ tool_calls }) => tool_calls === undefined)).toBe(true);
});
