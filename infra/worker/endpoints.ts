import type { GatewayEndpoint } from "../llm-providers";

/**
 * `GATEWAY_ENDPOINTS` of the provider table, put in when the Worker is bundled: what the table knows about hosts and
 * OpenClaw is no part of the deployed code.
 */
declare const GATEWAY_ENDPOINTS: readonly GatewayEndpoint[];

/** Every endpoint there can be, enabled or not. */
export const ENDPOINTS = GATEWAY_ENDPOINTS;
