import { wrap } from "../lib/wrap";
import type { Progress } from "../setup/progress";

const WIDTH = 78;

/** What the demo shows. Steps and notes on stderr beside Pulumi's own progress, the closing table on stdout. */
export class Screen {
  readonly progress: Progress;

  constructor(progress: Progress) {
    this.progress = progress;
  }

  heading(title: string): void {
    this.progress.say(`\n── ${title} ${"─".repeat(Math.max(0, WIDTH - title.length - 4))}`);
  }

  /** `label   value`, the value wrapped under itself. */
  fact(label: string, value: string): void {
    const indent = 16;
    const lines = wrap(value, WIDTH - indent - 2);
    this.progress.say(
      lines.map((line, index) => `  ${(index === 0 ? label : "").padEnd(indent)}${line}`).join("\n"),
    );
  }

  /** Text as it is, such as another program's output. */
  block(text: string): void {
    this.progress.say(text.trimEnd());
  }

  summary(): void {
    process.stdout.write(`\n${this.progress.table()}\n\n`);
    process.stdout.write("Cloudflare, the providers and all keys were emulated on this machine.\n");
  }
}
