import { openclawPatch } from "../../infra/host/openclaw-config";
import type { HostPayload } from "../../infra/host/payload";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import type { Machine } from "./machine";

/** The same Worker under another address each, so that every file and the container show which version they are of. */
const ADDRESSES = ["", "127.0.0.1", "127.0.1", "127.1"];

/** What an apply of version 1, 2 or 3 is asked for. */
export function version(machine: Machine, number: number): Partial<HostPayload> {
  const models = [{ ref: "anthropic/claude-sonnet-4-6", name: `Name ${number}` }];
  return {
    "worker-url": `http://${ADDRESSES[number]}:${machine.port}`,
    patch: JSON.stringify(openclawPatch({ providers: LLM_PROVIDERS, models })),
  };
}

/** Of which version each part is; 0 is the operator's own. */
export interface Versions {
  readonly env: number;
  readonly override: number;
  readonly config: number;
  readonly container: number;
}

export function versionsOf(machine: Machine): Versions {
  const address = (text: string) => {
    const [, host] = /AI_GATEWAY_WORKER_URL"?[=:]"?http:\/\/([0-9.]+):/.exec(text) ?? [];
    return host === undefined ? 0 : ADDRESSES.indexOf(host);
  };
  const config = machine.file("state/openclaw.json");
  const [, name] = /"Name (\d)"/.exec(config) ?? [];
  // A part of ours without the rest is none of any version.
  const isOurs = config.includes("{AI_GATEWAY_AUTH_TOKEN}");
  return {
    env: address(machine.file(".env")),
    override:
      "docker-compose.ai-gateway.yml" in machine.tree()
        ? address(machine.file("docker-compose.ai-gateway.yml"))
        : 0,
    config: isOurs === (name !== undefined) ? Number(name ?? 0) : -1,
    container: address(JSON.stringify(machine.environment())),
  };
}

export function all(number: number): Versions {
  return { env: number, override: number, config: number, container: number };
}
