import { LLM_PROVIDERS, type LlmProvider } from "../../../../infra/llm-providers";
import { compatRequest, inferenceRequest } from "../../../../scripts/doctor/inference-request";

/** Whether the Worker lets a POST to that path through. */
function isServed({ slug, pathPrefixes, routes }: LlmProvider, path: string): boolean {
  return pathPrefixes.some((prefix) =>
    routes.some((route) => {
      const pattern = route.replace("POST ", "").replace(/\?.*/, "").replaceAll("{model}", "[\\w.-]+");
      return route.startsWith("POST ") && new RegExp(`^/${slug}${prefix}${pattern}$`).test(path);
    }),
  );
}

test.each(LLM_PROVIDERS.map((provider) => [provider.slug, provider] as const))(
  "%s has a small request, on a path that the Worker serves",
  (_, provider) => {
    const request = inferenceRequest(provider);
    expect(request && isServed(provider, request.path)).toBe(true);
    expect(JSON.stringify(request?.body)).toMatch(/"(max_tokens|max_output_tokens|maxOutputTokens)":16/);
  },
);

const CUSTOM = {
  slug: "custom-x",
  routes: ["POST /chat/completions"],
  pathPrefixes: ["/v1"],
  openclaw: { models: [{ id: "m", name: "M" }] },
} as unknown as LlmProvider;

test("a provider of the operator's own is asked for the first model that he lists", () => {
  expect(inferenceRequest(CUSTOM)).toMatchObject({ path: "/custom-x/v1/chat/completions", model: "m" });
});

test("without a model there is no request", () => {
  expect(inferenceRequest({ ...CUSTOM, openclaw: { providerId: "x", basePath: "/" } })).toBeUndefined();
});

test("a dynamic route is asked by its model name", () => {
  expect(compatRequest("dynamic/main")).toMatchObject({
    path: "/compat/chat/completions",
    body: { model: "dynamic/main", max_tokens: 16 },
  });
});
