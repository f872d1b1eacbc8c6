import { configuredKeys } from "../../../../scripts/lib/provider-keys";

test("the keys of the providers of the table; what has none, or no known shape, is left out", () => {
  const providers = {
    openai: { apiKey: "one" },
    groq: { byokAlias: "default" },
    "custom-mine": { apiKey: "two" },
  };
  const found = configuredKeys(providers).map(({ provider, key }) => [provider.slug, key]);
  expect(found).toEqual([["openai", "one"]]);
  expect(configuredKeys(undefined)).toEqual([]);
});
