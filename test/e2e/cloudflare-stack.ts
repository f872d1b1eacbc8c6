import { generateKeyPairSync } from "node:crypto";
import Cloudflare from "cloudflare";
import type { Finished } from "../../scripts/lib/run";
import type { LocalCloudflare } from "../../scripts/local/cloudflare";
import { groupNamed } from "../../scripts/local/cloudflare/store/permissions";
import { LocalStack } from "../../scripts/local/stack";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";

/** The one provider key of these stacks: each takes part of every run. */
export const OPENAI_KEY = `sk-proj-${"e2e0".repeat(12)}`;

const key = (name: string) => `openclaw-ai-gateway:${name}`;

/** A host that is only a name: its token is made and the Worker knows it, and no run ever touches it. */
const NAMED_HOST = {
  name: "vps1",
  address: "127.0.0.1",
  port: 9,
  look: false,
  directory: "/nowhere",
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGrhhTmZ6TBz8jIaWLjWzTj0oTR3Ph+Ce3UFVHb8Zr8g",
};

/** A token as an operator makes it in the dashboard, before there is a stack. */
export async function runTokenOf({ accountId, apiToken, apiUrl }: LocalCloudflare): Promise<string> {
  const created = await new Cloudflare({ apiToken, baseURL: apiUrl }).accounts.tokens.create({
    account_id: accountId,
    name: "made by hand",
    policies: [
      {
        effect: "allow",
        permission_groups: ["AI Gateway Run", "Workers AI Read"].map((name) => ({ id: groupNamed(name).id })),
        resources: { [`com.cloudflare.api.account.${accountId}`]: "*" },
      },
    ],
  });
  return created.value ?? "";
}

/** The Cloudflare side of a stack, driven by the real engine. */
export class CloudflareStack {
  readonly stack: LocalStack;
  readonly #cloudflare: LocalCloudflare;
  #printed = "";

  private constructor(stack: LocalStack, cloudflare: LocalCloudflare) {
    this.stack = stack;
    this.#cloudflare = cloudflare;
  }

  static async create(
    { engine }: Toolchain,
    cloudflare: LocalCloudflare,
    name: string,
    values: Record<string, unknown> = {},
  ): Promise<CloudflareStack> {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const stack = await LocalStack.create({
      engine,
      name,
      config: {
        "cloudflare:baseUrl": cloudflare.apiUrl,
        [key("accountId")]: cloudflare.accountId,
        [key("hosts")]: [NAMED_HOST],
      },
      secrets: {
        "cloudflare:apiToken": cloudflare.apiToken,
        [key("providers.openai.apiKey")]: OPENAI_KEY,
        [key("hosts[0].privateKey")]: privateKey,
      },
    });
    const made = new CloudflareStack(stack, cloudflare);
    made.configure({ gateway: {}, worker: {}, ...values });
    return made;
  }

  /** Sets keys of the project; the gateway's and the Worker's local addresses are filled in. */
  configure(values: Record<string, unknown>): void {
    const { gatewayUrl } = this.#cloudflare;
    const url = this.#cloudflare.workerUrl(`openclaw-${this.stack.name}`);
    const local: Record<string, object> = { gateway: { url: gatewayUrl }, worker: { url } };
    this.stack.configure(
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => {
          const addresses = local[name];
          return [key(name), addresses === undefined ? value : { ...addresses, ...(value as object) }];
        }),
      ),
    );
  }

  /** Everything but what would be done on the host. */
  up = (...flags: string[]) => this.pulumi("up", "--yes", "--skip-preview", ...NOT_THE_HOST, ...flags);
  preview = (...flags: string[]) => this.pulumi("preview", ...NOT_THE_HOST, ...flags);
  refresh = (...flags: string[]) => this.pulumi("refresh", "--yes", "--skip-preview", ...flags);
  destroy = (...flags: string[]) => this.pulumi("destroy", "--yes", "--skip-preview", ...flags);

  async pulumi(...args: string[]): Promise<Finished & { text: string }> {
    const finished = await this.stack.pulumi(args);
    const text = finished.stdout + finished.stderr;
    this.#printed += text;
    return { ...finished, text };
  }

  /** Runs it, and requires that it worked. */
  async did(call: Promise<Finished & { text: string }>): Promise<string> {
    const finished = await call;
    succeeded(finished);
    return finished.text;
  }

  /** Runs it, and requires that it failed. */
  async failed(call: Promise<Finished & { text: string }>): Promise<string> {
    const { exitCode, text } = await call;
    if (exitCode === 0) throw new Error(`pulumi did not fail:\n${text}`);
    return text;
  }

  /** A second look finds nothing to do. What it says. */
  settled(): Promise<string> {
    return this.did(this.preview("--expect-no-changes"));
  }

  async hostToken(): Promise<string> {
    const { openclawEnv } = await this.stack.outputs(true);
    return (openclawEnv as Record<string, Record<string, string>>).vps1?.AI_GATEWAY_AUTH_TOKEN ?? "";
  }

  /** As the state has it, decrypted. */
  async runToken(): Promise<string> {
    const { stdout } = await this.stack.pulumi(["stack", "export", "--show-secrets"]);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: StateResource[] } };
    const token = deployment.resources.find(
      ({ type }) => type === "cloudflare:index/accountToken:AccountToken",
    );
    return JSON.parse(token?.outputs?.value?.plaintext ?? '""') as string;
  }

  dispose(): void {
    this.stack.dispose();
  }

  /** Everything that was printed. */
  get printed(): string {
    return this.#printed;
  }
}

interface StateResource {
  type: string;
  outputs?: { value?: { plaintext?: string } };
}

const NOT_THE_HOST = ["--exclude", "**command:remote:Command**"];
