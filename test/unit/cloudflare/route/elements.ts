import type { RouteElementInput } from "../../../../infra/cloudflare/route";

/** Short ways to write elements down in tests. */

export const to = (elementId: string) => ({ elementId });

export const start = (next: string, id = "start"): RouteElementInput => ({
  id,
  type: "start",
  outputs: { next: to(next) },
});

export const end = (id = "end"): RouteElementInput => ({ id, type: "end" });

export const model = (id: string, success = "end", fallback = "end"): RouteElementInput => ({
  id,
  type: "model",
  properties: { provider: "workers-ai", model: "@cf/meta/llama-3.1-8b-instruct" },
  outputs: { success: to(success), fallback: to(fallback) },
});

export const rate = (id: string, success: string, fallback: string): RouteElementInput => ({
  id,
  type: "rate",
  properties: { key: "metadata.host", limit: 100, limitType: "count", window: 3600 },
  outputs: { success: to(success), fallback: to(fallback) },
});

export const conditional = (id: string, yes: string, no: string): RouteElementInput => ({
  id,
  type: "conditional",
  properties: { conditions: { "metadata.host": { $eq: "vps1" } } },
  outputs: { true: to(yes), false: to(no) },
});

export const percentage = (id: string, branches: Record<string, string>): RouteElementInput => ({
  id,
  type: "percentage",
  outputs: Object.fromEntries(Object.entries(branches).map(([share, target]) => [share, to(target)])),
});
