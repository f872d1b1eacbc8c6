import type { Writable } from "node:stream";
import { type Paint, painter } from "../lib/colours";

/** What became of a step. */
export type StepOutcome = "ok" | "failed";

/** A finished step, for the closing table. */
export interface FinishedStep {
  title: string;
  seconds: number;
  outcome: StepOutcome;
}

/** Reports what a running step is doing now. Shown live on a terminal, now and then otherwise. */
export type Note = (detail: string) => void;

/** The parts of a terminal stream that are used; any `Writable` does. */
export type ProgressStream = Writable & { isTTY?: boolean; columns?: number };

interface RunningStep {
  title: string;
  startedAt: number;
  detail: string;
  /** Elapsed seconds at which a stream that is no terminal gets its next line. */
  nextReport: number;
}

/** The README and issue reports show these lines, so they fit a classic terminal. */
const MAX_WIDTH = 80;
const REDRAW_MS = 120;
/** A log file needs a sign of life, not an animation. */
const REPORT_EVERY_SECONDS = 30;

const CLEAR_BELOW = "\x1b[J";
const UNICODE = { ok: "✓", failed: "✗", spinner: [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"], ellipsis: "…", rule: "─" };
const ASCII = { ok: "+", failed: "x", spinner: [..."|/-\\"], ellipsis: "~", rule: "-" };

/**
 * One line per step with its time; on a terminal the running steps stand below with a spinner, the elapsed time
 * and what they do. Steps may overlap. Nothing is wider than 80 columns.
 */
export class Progress {
  readonly steps: FinishedStep[] = [];
  readonly #stream: ProgressStream;
  readonly #live: boolean;
  readonly #paint: Paint;
  readonly #signs: typeof UNICODE;
  readonly #running = new Set<RunningStep>();
  #timer: NodeJS.Timeout | undefined;
  #drawnLines = 0;
  #firstStart: number | undefined;
  #lastEnd = 0;

  constructor(stream: ProgressStream = process.stderr) {
    this.#stream = stream;
    this.#live = stream.isTTY === true && process.env.TERM !== "dumb";
    this.#paint = painter(stream);
    this.#signs = speaksUtf8(process.env) ? UNICODE : ASCII;
  }

  /** Runs one step. A rejection is passed on; it is the caller who prints the error. */
  async step<T>(title: string, run: (note: Note) => Promise<T>): Promise<T> {
    const step = this.#begin(title);
    try {
      const result = await run((detail) => {
        step.detail = oneLine(detail);
      });
      this.#end(step, "ok");
      return result;
    } catch (error) {
      this.#end(step, "failed");
      throw error;
    }
  }

  /** Shows on a terminal that something runs, and leaves nothing behind: the caller says what came of it. */
  async during<T>(title: string, run: () => Promise<T>): Promise<T> {
    if (!this.#live) return run();
    const step = this.#begin(title);
    try {
      return await run();
    } finally {
      this.#stop(step);
      this.#print("");
    }
  }

  /** Like `step`, for work whose own output goes to the terminal: no live line is drawn into it. */
  async passthrough<T>(title: string, run: () => Promise<T>): Promise<T> {
    const step = this.#open(title);
    this.#print(`${this.#signs.ellipsis} ${this.#cut(step.title, this.#width() - 2)}\n`);
    try {
      const result = await run();
      this.#end(step, "ok");
      return result;
    } catch (error) {
      this.#end(step, "failed");
      throw error;
    }
  }

  /** Prints lines of the caller's own above the running steps, so that the two do not mix. */
  say(text: string): void {
    this.#print(`${text}\n`);
  }

  /** The finished steps with their times, and the wall-clock time of all: overlapping steps count once. */
  table(): string {
    const width = MAX_WIDTH - 2;
    const rule = `  ${this.#signs.rule.repeat(width - 2)}`;
    const row = (left: string, right: string) => `  ${this.#justify(left, right, width - 2)}`;
    const rows = this.steps.map(({ title, seconds, outcome }) =>
      row(outcome === "ok" ? title : `${title} (failed)`, duration(seconds)),
    );
    const total = this.#firstStart === undefined ? 0 : (this.#lastEnd - this.#firstStart) / 1000;
    return [row("Step", "Time"), rule, ...rows, rule, row("Total", duration(total))].join("\n");
  }

  #open(title: string): RunningStep {
    const startedAt = performance.now();
    this.#firstStart ??= startedAt;
    return { title: oneLine(title), startedAt, detail: "", nextReport: REPORT_EVERY_SECONDS };
  }

  #begin(title: string): RunningStep {
    const step = this.#open(title);
    this.#running.add(step);
    if (!this.#live) this.#print(`${this.#signs.ellipsis} ${this.#cut(step.title, this.#width() - 2)}\n`);
    // The timer also keeps the process alive: a step that waits for nothing must hang visibly, not end with code 0.
    this.#timer ??= setInterval(() => this.#tick(), this.#live ? REDRAW_MS : 1000);
    this.#tick();
    return step;
  }

  #end(step: RunningStep, outcome: StepOutcome): void {
    this.#lastEnd = performance.now();
    const seconds = (this.#lastEnd - step.startedAt) / 1000;
    this.#stop(step);
    this.steps.push({ title: step.title, seconds, outcome });
    const title = outcome === "failed" && step.detail ? `${step.title}: ${step.detail}` : step.title;
    const line = this.#justify(title, duration(seconds), this.#width() - 2);
    this.#print(`${this.#paint(outcome === "ok" ? "good" : "bad", this.#signs[outcome])} ${line}\n`);
  }

  #stop(step: RunningStep): void {
    this.#running.delete(step);
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#live) this.#print("");
    else this.#report();
  }

  #report(): void {
    for (const step of this.#running) {
      const seconds = secondsSince(step.startedAt);
      if (seconds < step.nextReport) continue;
      step.nextReport = seconds + REPORT_EVERY_SECONDS;
      const doing = step.detail ? `${step.title}: ${step.detail}` : step.title;
      this.#print(
        `${this.#signs.ellipsis} ${this.#justify(doing, duration(seconds, 0), this.#width() - 2)}\n`,
      );
    }
  }

  /** Writes `text` in place of the live lines and draws those again below it. */
  #print(text: string): void {
    const lines = this.#live ? [...this.#running].map((step) => this.#liveLine(step)) : [];
    const erase = this.#drawnLines > 0 ? `\x1b[${this.#drawnLines}A\r${CLEAR_BELOW}` : "";
    this.#drawnLines = lines.length;
    const output = erase + text + lines.map((line) => `${line}\n`).join("");
    if (output) this.#stream.write(output);
  }

  #liveLine({ title, startedAt, detail }: RunningStep): string {
    const { spinner } = this.#signs;
    const sign = spinner[Math.floor(performance.now() / REDRAW_MS) % spinner.length] ?? "";
    const elapsed = duration(secondsSince(startedAt), 0);
    const text = this.#justify(detail ? `${title}: ${detail}` : title, elapsed, this.#width() - 2);
    const head = text.slice(0, title.length);
    return `${this.#paint("running", sign)} ${head}${this.#paint("dim", text.slice(title.length))}`;
  }

  /** One column is left free: a full last column makes some terminals wrap. */
  #width(): number {
    return Math.max(20, Math.min(MAX_WIDTH, this.#stream.columns ?? MAX_WIDTH) - 1);
  }

  #justify(left: string, right: string, width: number): string {
    const room = width - right.length - 1;
    return `${this.#cut(left, room).padEnd(room)} ${right}`;
  }

  #cut(text: string, room: number): string {
    return text.length > room ? text.slice(0, room - 1) + this.#signs.ellipsis : text;
  }
}

/** `3.1 s`, from one minute on `2 min 05 s`. `digits` is for seconds below a minute. */
export function duration(seconds: number, digits = 1): string {
  if (seconds < 59.95) return `${digits === 0 ? Math.floor(seconds) : seconds.toFixed(digits)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

/** Child processes report whatever they like: control characters would move the cursor of the live lines. */
function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}\[[0-9;]*[A-Za-z]/gu, "")
    .replace(/\p{Cc}+/gu, " ")
    .trim();
}

/** The C locale of a bare machine cannot be trusted to draw more than ASCII. */
export function speaksUtf8(env: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || "");
}
