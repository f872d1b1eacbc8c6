import { setTimeout as sleep } from "node:timers/promises";
import type { Interruption } from "../lib/interruption";
import type { GatewayLogEntry } from "../local/cloudflare";
import { isEmpty } from "../local/cloudflare";
import { createLocalEnvironment, type LocalEnvironment } from "../local/environment";
import { diffSnapshots, type FileSnapshot, type LocalVps } from "../local/vps";
import { prepare, type Toolchain } from "../setup";
import { keepNotes } from "./keep-notes";
import type { Screen } from "./screen";

const ANTHROPIC = "anthropic/claude-sonnet-4-6";
const QUESTION = "Are you there?";

/** What the demo remembers of the VPS before the move, to hold the end against it. */
interface Before {
  files: FileSnapshot;
  answer: string;
  keyPlaces: string[];
}

/** The steps of the demo, in order. Each throws when what it promises does not hold. */
export class Demo {
  readonly #screen: Screen;
  readonly #interruption: Interruption;
  /** Kept as promises: an interrupted step goes on for a while, and what it still opens has to be closed. */
  #preparing: Promise<Toolchain> | undefined;
  #creating: Promise<LocalEnvironment> | undefined;
  #toolchain: Toolchain | undefined;
  #environment: LocalEnvironment | undefined;
  #before: Before | undefined;
  #deployed = false;

  constructor(screen: Screen, interruption: Interruption) {
    this.#screen = screen;
    this.#interruption = interruption;
  }

  async prepare(): Promise<void> {
    this.#screen.heading("1  Set-up (a second run reuses it)");
    this.#preparing = prepare(this.#screen.progress);
    this.#toolchain = await this.#interruption.race(this.#preparing);
  }

  async startAsToday(): Promise<void> {
    this.#screen.heading("2  The VPS as it is today");
    const toolchain = known(this.#toolchain);
    const environment = await this.#step("Local Cloudflare, sshd, stack file", () => {
      this.#creating = createLocalEnvironment({ toolchain });
      return this.#creating;
    });
    this.#environment = environment;
    const vps = this.#vps;
    await this.#step("OpenClaw starts (docker compose up)", () => vps.start());
    const files = await vps.snapshot();
    const answer = await this.#ask("directly", ANTHROPIC);
    const keyPlaces = await vps.findSecrets(Object.values(environment.providerKeys));
    this.#screen.fact("way", "OpenClaw -> provider, with the provider's key from .env");
    this.#screen.fact("keys on the VPS", `${keyPlaces.length} places: ${keyPlaces.join(", ")}`);
    hold(keyPlaces.length > 0, "No provider key was found on the VPS before the move: the search is broken.");
    this.#before = { files, answer, keyPlaces };
  }

  async up(): Promise<void> {
    this.#screen.heading("3  pulumi up");
    this.#deployed = true; // From here on there may be something to destroy, also when `up` fails.
    await this.#pulumi("pulumi up", ["up", "--yes", "--skip-preview"]);
  }

  async askThroughTheGateway(): Promise<void> {
    this.#screen.heading("4  The same assistant, behind the gateway");
    const { cloudflare, stack, providerKeys } = this.#env;
    const { routeModel } = await stack.outputs();
    await this.#askLogged(
      "provider-native (Anthropic)",
      ANTHROPIC,
      (entry) => entry.provider === "anthropic",
    );
    await this.#askLogged(
      "dynamic route (Workers AI)",
      `cloudflare-compat/${String(routeModel)}`,
      (entry) => entry.provider === "workers-ai" && entry.dynamicRoute !== undefined,
    );
    hold(cloudflare.gatewayLog().length > 0, "The gateway logged no request.");

    const left = await this.#vps.findSecrets(Object.values(providerKeys));
    this.#screen.fact(
      "keys on the VPS",
      `${known(this.#before).keyPlaces.length} places before, ${left.length} now`,
    );
    hold(left.length === 0, `Provider keys are still on the VPS: ${left.join(", ")}`);
  }

  async proveNothingChanges(): Promise<void> {
    this.#screen.heading("5  A second look changes nothing");
    await this.#pulumi("pulumi preview --expect-no-changes", ["preview", "--expect-no-changes"]);
    await this.#pulumi("pulumi stack output", ["stack", "output"]);
  }

  /** Waits for Ctrl-C with everything running; the demo then goes on to its end. */
  async keep(): Promise<void> {
    this.#screen.heading("Everything is up");
    this.#screen.block(await keepNotes(this.#env, known(this.#toolchain)));
    await this.#interruption.wait();
  }

  async destroyAndCompare(): Promise<void> {
    this.#screen.heading("6  pulumi destroy");
    await this.#pulumi("pulumi destroy", ["destroy", "--yes", "--skip-preview"]);
    this.#deployed = false;
    const before = known(this.#before);
    const changed = diffSnapshots(before.files, await this.#vps.snapshot());
    hold(changed.length === 0, `The VPS is not as it was:\n${changed.join("\n")}`);
    const files = Object.keys(before.files).length;
    this.#screen.fact("VPS", `${files} files as before: content, mode, owner`);
    const answer = await this.#ask("directly again", ANTHROPIC);
    hold(answer === before.answer, `OpenClaw answered differently than before the move: ${answer}`);
    const objects = this.#env.cloudflare.objects();
    hold(isEmpty(objects), `Objects are left at Cloudflare: ${JSON.stringify(objects)}`);
    this.#screen.fact("Cloudflare", "no object left");
  }

  /** Ends all that was started. A move that was cut off dies with its VPS, which is thrown away. */
  async close(): Promise<void> {
    if (this.#deployed) this.#screen.block("Throwing the local VPS, Cloudflare and stack away.");
    await (await opened(this.#creating))?.close();
    await (await opened(this.#preparing))?.close();
  }

  async #ask(how: string, model: string): Promise<string> {
    const reply = await this.#step(`OpenClaw is asked (${how})`, () => this.#vps.ask(QUESTION, model));
    hold(reply.ok, `OpenClaw did not answer (${model}):\n${reply.raw}`);
    this.#screen.fact("question", QUESTION);
    this.#screen.fact("answer", reply.text);
    return reply.text;
  }

  async #askLogged(how: string, model: string, expected: (entry: GatewayLogEntry) => boolean): Promise<void> {
    const { cloudflare } = this.#env;
    const logged = cloudflare.gatewayLog().length;
    await this.#ask(how, model);
    const entry = cloudflare.gatewayLog().slice(logged).find(expected);
    if (!entry) throw new Error(`The answer for ${model} did not pass the gateway as expected.`);
    const route = entry.dynamicRoute ? ` -> route ${entry.dynamicRoute}` : "";
    this.#screen.fact("way", `OpenClaw -> Worker -> AI Gateway${route} -> ${entry.provider}`);
    this.#screen.fact("served by", `${entry.provider} ${entry.model}`);
    this.#screen.fact("cf-aig-log-id", entry.logId);
  }

  async #pulumi(title: string, args: readonly string[]): Promise<void> {
    await this.#screen.progress.passthrough(title, async () => {
      const running = this.#env.stack.pulumi(args, { output: "inherit" });
      // Ctrl-C has reached pulumi too: it ends when what it does on the host has ended, and not before may the host go.
      const { exitCode } = await this.#interruption.race(running).finally(() => running);
      hold(exitCode === 0, `${title} ended with code ${exitCode}; its output above says why.`);
    });
  }

  #step<T>(title: string, work: () => Promise<T>): Promise<T> {
    return this.#screen.progress.step(title, () => this.#interruption.race(work()));
  }

  get #env(): LocalEnvironment {
    return known(this.#environment);
  }

  get #vps(): LocalVps {
    return known(this.#env.vps[0]);
  }
}

/** What an opening step has opened or still opens; undefined when it failed or does not end within a minute. */
function opened<T>(opening: Promise<T> | undefined): Promise<T | undefined> {
  const failed = opening?.catch(() => undefined);
  return Promise.race([failed, sleep(60_000, undefined, { ref: false })]);
}

function hold(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** The steps run in order; one that is called too early is a mistake in the program. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a step of the demo ran before the one that it needs");
  return value;
}
