import { z } from "zod";

/**
 * Shapes and defaults of the configuration keys. Messages are the reason alone: what is allowed and how to set it
 * comes from `fields.ts`.
 */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An http(s) address; plain http is for loopback alone, since every request carries a secret. */
function isSafeUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.search !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
}

const address = z.string().refine(isSafeUrl, "is not such an address");
const origin = address
  .refine((text) => !URL.canParse(text) || new URL(text).pathname === "/", "has a path")
  .transform((text) => (URL.canParse(text) ? new URL(text).origin : text));

export const accountId = z.string().regex(/^[0-9a-f]{32}$/);
export const apiToken = z.string().regex(/^[0-9A-Za-z_-]{40,80}$/);
export const baseUrl = address.transform((text) => text.replace(/\/+$/, ""));

export const gatewayId = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);
export const workerName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

const rateLimit = z
  .strictObject({
    limit: z.int().min(0).default(0),
    interval: z.int().min(0).default(0),
    technique: z.enum(["fixed", "sliding"]).default("sliding"),
  })
  .refine(({ limit, interval }) => limit === 0 || interval > 0, {
    path: ["interval"],
    message: "a limit needs an interval",
  });

export const gateway = z.strictObject({
  id: gatewayId.optional(),
  url: origin.default("https://gateway.ai.cloudflare.com"),
  authentication: z.literal(true).default(true),
  byokOnly: z.boolean().default(true),
  cacheInvalidateOnUpdate: z.boolean().default(true),
  cacheTtl: z.int().min(0).default(0),
  collectLogs: z.boolean().default(true),
  logClassification: z.boolean().default(false),
  logManagement: z.int().min(10_000).max(10_000_000).default(100_000),
  logManagementStrategy: z.enum(["DELETE_OLDEST", "STOP_INSERTING"]).default("DELETE_OLDEST"),
  rateLimit: rateLimit.prefault({}),
  zdr: z.boolean().default(false),
});

/** The host's name is the fifth entry. */
const metadata = z
  .record(
    z.string().regex(/^(?!host$)[A-Za-z][\w-]{0,39}$/),
    z.union([z.string().regex(/^[\x20-\x7e]{0,100}$/), z.number(), z.boolean()]),
  )
  .refine((entries) => Object.keys(entries).length < 5, "has more than four entries");

const hostRateLimit = z.strictObject({
  limit: z.int().positive(),
  period: z.union([z.literal(10), z.literal(60)]).default(60),
});

export const worker = z.strictObject({
  name: workerName.optional(),
  url: origin.optional(),
  maxBodyBytes: z.int().positive().optional(),
  metadata: metadata.optional(),
  rateLimit: hostRateLimit.optional(),
});

export const route = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .default("main"),
    model: z.string().startsWith("@cf/").optional(),
    /** Read by the route's own validator, which knows what a graph is. */
    graph: z.unknown().optional(),
    adopt: z.boolean().default(false),
    allowPercentage: z.boolean().default(false),
  })
  .refine(({ model, graph }) => model === undefined || graph === undefined, {
    path: ["graph"],
    message: "route.model is set too, and only one of the two can be",
  });

export const openclaw = z.strictObject({ primaryModel: z.string().min(1).optional() });

const HOST_KEY = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/;
const seconds = z.int().positive();

const host = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  address: z.string().regex(/^[A-Za-z0-9.:-]+$/),
  port: z.int().min(1).max(65_535).default(22),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*$/)
    .default("root"),
  privateKey: z.string().regex(/^-----BEGIN [A-Z ]*PRIVATE KEY-----\s/),
  hostKey: z
    .string()
    .regex(HOST_KEY)
    .transform((line) => line.split(" ").slice(0, 2).join(" ")),
  directory: z.string().regex(/^\/\S*$/),
  service: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/)
    .default("openclaw-gateway"),
  look: z.boolean().default(true),
  entry: z.string().min(1).default("dist/index.js"),
  drainSeconds: seconds.default(330),
  workerWaitSeconds: seconds.default(120),
  readyWaitSeconds: seconds.default(180),
});

export const hosts = z.array(host);

export type GatewayInput = z.output<typeof gateway>;
export type WorkerInput = z.output<typeof worker>;
export type HostInput = z.output<typeof host>;
