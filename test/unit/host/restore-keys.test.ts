import { withField } from "../../../infra/host/payload";
import { restoreKeys } from "../../../infra/host/restore-keys";
import { llmProvider } from "../../../infra/llm-providers";

test("a line for each key: the key, its shape, its names, OpenClaw's own id of the provider", () => {
  const [openai, mistral] = ["openai", "mistral"].map(llmProvider);
  if (!openai || !mistral) throw new Error("not in the table");
  const lines = restoreKeys([
    { provider: openai, key: "sk-1" },
    { provider: mistral, key: "m-2" },
  ]).split("\n");
  expect(lines.map((line) => line.split("\t"))).toEqual([
    ["sk-1", openai.keyPattern?.source, "OPENAI_API_KEY", "openai"],
    ["m-2", "", "MISTRAL_API_KEY", "mistral"],
  ]);
});

test("a field is set in an input, in place of the one that is there", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  expect(withField("program\nseal c2VhbA==\nend\n", "restore-keys", "k")).toBe(
    `program\nrestore-keys ${base64("k")}\nseal c2VhbA==\nend\n`,
  );
  expect(withField("program\nrestore-keys b2xk\nend\n", "restore-keys", "k")).toBe(
    `program\nrestore-keys ${base64("k")}\nend\n`,
  );
});
