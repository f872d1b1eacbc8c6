import { z } from "zod";
import { MODEL_INPUTS } from "../host/openclaw-config";
import { address, origin } from "./address";
import { hostState, jumpHost, oneLogIn, sshServer, tokenGenerations } from "./hosts";

/**
 * Shapes and defaults of the configuration keys. Messages are the reason alone: what is allowed and how to set it
 * comes from `fields.ts`. The gateway's are in `gateway.ts`.
 */

/** How the hosts' requests get to the gateway. */
export const access = z.enum(["worker", "direct"]).default("worker");

export const accountId = z.string().regex(/^[0-9a-f]{32}$/);
export const apiToken = z.string().regex(/^[0-9A-Za-z_-]{40,80}$/);
export const baseUrl = address.transform((text) => text.replace(/\/+$/, ""));

export const workerName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

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

const hostname = z.string().regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/);

export const worker = z
  .strictObject({
    name: workerName.optional(),
    url: origin.optional(),
    domain: hostname.optional(),
    zoneId: accountId.optional(),
    zoneName: hostname.optional(),
    createSubdomain: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      .optional(),
    maxBodyBytes: z.int().positive().optional(),
    metadata: metadata.optional(),
    rateLimit: hostRateLimit.optional(),
  })
  .superRefine(({ domain, zoneId, zoneName, createSubdomain }, context) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [key], message, params: { remove: true } });
    if (domain === undefined && zoneId !== undefined) refuse("zoneId", "worker.domain is not set");
    if (domain === undefined && zoneName !== undefined) refuse("zoneName", "worker.domain is not set");
    if (zoneId !== undefined && zoneName !== undefined) refuse("zoneName", "worker.zoneId is set too");
    if (domain !== undefined && createSubdomain !== undefined) {
      refuse("createSubdomain", "worker.domain is set, and workers.dev is not used then");
    }
  });

export const preflight = z.strictObject({ providerKeys: z.boolean().default(true) });

export const restore = z.strictObject({ keys: z.enum(["original", "stack"]).default("original") });

/** `<provider>/<model>` of OpenClaw. */
const modelRef = z.string().regex(/^[a-z0-9][a-z0-9-]*\/\S+$/);

const openclawModel = z.strictObject({
  ref: modelRef,
  name: z.string().min(1),
  input: z.array(z.enum(MODEL_INPUTS)).min(1).optional(),
  contextWindow: z.int().positive().optional(),
  maxTokens: z.int().positive().optional(),
});

/** What a host's entry may have in the place of the stack's own. */
const ownOpenclaw = {
  primaryModel: modelRef.optional(),
  fallbacks: z.array(modelRef),
  models: z.array(openclawModel),
  acceptUnserved: z.array(z.string().min(1)),
  allowVersion: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional(),
};

export const openclaw = z
  .strictObject({
    env: z.enum(["config", "legacy"]).default("config"),
    ...ownOpenclaw,
    fallbacks: ownOpenclaw.fallbacks.default([]),
    models: ownOpenclaw.models.default([]),
    acceptUnserved: ownOpenclaw.acceptUnserved.default([]),
  })
  .refine(({ primaryModel, fallbacks }) => fallbacks.length === 0 || primaryModel !== undefined, {
    path: ["fallbacks"],
    message: "openclaw.primaryModel is not set, and the two go together",
  });

const seconds = z.int().positive();

const host = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
    ...sshServer,
    jumpHost: jumpHost.optional(),
    directory: z.string().regex(/^\/\S*$/),
    service: z
      .string()
      .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/)
      .default("openclaw-gateway"),
    state: hostState,
    canary: z.boolean().default(false),
    tokenGenerations,
    look: z.boolean().default(true),
    lookSeconds: seconds.default(3),
    composeFiles: z
      .array(z.string().regex(/^[A-Za-z0-9_./@%+=,~-]+$/))
      .min(1)
      .optional(),
    openclaw: z.strictObject(ownOpenclaw).partial().optional(),
    entry: z.string().min(1).default("dist/index.js"),
    allowKeys: z.array(z.string().min(1)).default([]),
    window: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/)
      .refine(
        (window) => window.slice(0, 5) !== window.slice(6),
        "both ends are the same, so it is never open",
      )
      .optional(),
    drainSeconds: seconds.default(330),
    workerWaitSeconds: seconds.default(120),
    readyWaitSeconds: seconds.default(180),
  })
  .superRefine(oneLogIn);

export const hosts = z.array(host);

export type Access = z.output<typeof access>;
export type PreflightInput = z.output<typeof preflight>;
export type RestoreInput = z.output<typeof restore>;
export type WorkerInput = z.output<typeof worker>;
export type OpenClawInput = z.output<typeof openclaw>;
export type HostInput = z.output<typeof host>;
