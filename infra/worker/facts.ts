import type { GatewayEndpoint } from "../llm-providers";
import type { ENDPOINT_DEFAULTS, ProviderEntry } from "./bindings";
import type { ErrorCode, ErrorFacts, ERROR_TYPES as ErrorTypes } from "./error-table";
import { unpack } from "./packing";

/**
 * The Worker's tables as they are deployed, put in when it is bundled: packed JSON, of the providers without what
 * concerns hosts and OpenClaw, and without what the defaults say.
 */
declare const PACKED_FACTS: string;

/** What `PACKED_FACTS` holds. */
export type Facts = readonly [
  endpointDefaults: typeof ENDPOINT_DEFAULTS,
  providers: readonly ProviderEntry[],
  errors: Readonly<Record<ErrorCode, ErrorFacts>>,
  errorTypes: typeof ErrorTypes,
];

const [endpointDefaults, providers, ERRORS, ERROR_TYPES] = JSON.parse(unpack(PACKED_FACTS)) as Facts;

/** `error-table.ts` */
export { ERROR_TYPES, ERRORS };

/** What the table or an entry of `PROVIDERS` says, with the defaults for what it does not. */
export function withDefaults<T>(entry: T): T & typeof ENDPOINT_DEFAULTS {
  return { ...endpointDefaults, ...entry };
}

/** Every endpoint that can be enabled by its slug alone. */
export const ENDPOINTS: readonly GatewayEndpoint[] = providers.map(withDefaults);
