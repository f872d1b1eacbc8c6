import type { Finished } from "../../scripts/lib/run";
import { createLocalEnvironment, type LocalEnvironment } from "../../scripts/local/environment";
import type { LocalVps } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { operatorCommand } from "./operator-command";

export const ANTHROPIC = "anthropic/claude-sonnet-4-6";

/** One stack with one VPS, whose OpenClaw runs on its own files, and what an operator types. */
export class OperatorSession {
  readonly environment: LocalEnvironment;
  readonly vps: LocalVps;
  /** Output of every command, to be searched for secrets. */
  printed = "";

  private constructor(environment: LocalEnvironment, vps: LocalVps) {
    this.environment = environment;
    this.vps = vps;
  }

  static async start(toolchain: Toolchain, stack: string): Promise<OperatorSession> {
    const environment = await createLocalEnvironment({ toolchain, stack });
    const [vps] = environment.vps;
    if (!vps) throw new Error("no VPS");
    await vps.start();
    return new OperatorSession(environment, vps);
  }

  pulumi = (...args: string[]) => this.noted(this.environment.stack.pulumi(args));
  up = () => this.pulumi("up", "--yes", "--skip-preview");
  destroy = () => this.pulumi("destroy", "--yes", "--skip-preview");
  command = (name: string, ...flags: string[]) =>
    this.noted(operatorCommand(name, this.environment.stack, ...flags));
  /** Without `--host`: there is only one. */
  bypass = (...flags: string[]) =>
    this.command("bypass", "--config-file", this.environment.stack.configFile, ...flags);

  async noted(call: Promise<Finished>): Promise<Finished> {
    const finished = await call;
    this.printed += finished.stdout + finished.stderr;
    return finished;
  }

  /** One message to OpenClaw; whether the gateway saw it. */
  async message(): Promise<"through the gateway" | "to the provider itself"> {
    const { cloudflare } = this.environment;
    const logged = cloudflare.gatewayLog().length;
    const reply = await this.vps.ask("Are you there?", ANTHROPIC);
    if (!reply.ok) throw new Error(`OpenClaw did not answer:\n${reply.raw}`);
    return cloudflare.gatewayLog().length > logged ? "through the gateway" : "to the provider itself";
  }

  /** What `npm run status` calls it. */
  async serving(): Promise<unknown> {
    const { stdout } = await operatorCommand("status", this.environment.stack, "--json");
    return (JSON.parse(stdout) as { hosts: { serving: string }[] }).hosts[0]?.serving;
  }
}
