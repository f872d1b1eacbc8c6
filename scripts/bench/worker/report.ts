import type { Measurement } from "./measure";

/** A run of the benchmark, as it is written to JSON. */
export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
  /** Bytes of the deployed bundle. */
  readonly bundle: { readonly bytes: number; readonly gzip: number; readonly goal: number };
}

/** The report as a table for a terminal. */
export function tableOf({ measurements, bundle }: Report): string {
  const head = row("what", "bare", "worker", "ratio", "95 %", "goal");
  const rows = measurements.map(({ what, unit, bare, worker, ratio, goal }) =>
    row(
      `${what}, ${unit}`,
      figure(bare),
      figure(worker),
      ratio.value.toFixed(3),
      `${ratio.low.toFixed(3)} - ${ratio.high.toFixed(3)}`,
      `${goal.toFixed(2)}${ratio.value > goal ? " (missed)" : ""}`,
    ),
  );
  const { bytes, gzip, goal } = bundle;
  const size = row("bundle, bytes", "", figure(bytes), "", `gzip ${figure(gzip)}`, figure(goal));
  return [head, ...rows, size].join("\n");
}

function row(what: string, ...cells: string[]): string {
  return what.padEnd(45) + cells.map((cell) => cell.padStart(16)).join("");
}

/** docs/performance.md: the last run, with the machine and the versions it was made with. */
export function documentOf(report: Report): string {
  const { date, machine, versions, measurements, bundle } = report;
  const rows = measurements.map(({ what, unit, bare, worker, ratio, goal }) => {
    const spread = `${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}`;
    return `| ${what} | ${unit} | ${figure(bare)} | ${figure(worker)} | **${ratio.value.toFixed(3)}** | ${spread} | ${goal.toFixed(2)} |`;
  });
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Performance of the proxy Worker

\`npm run bench:worker\` writes this page. It compares \`workerd serve\` on the deployed bundle, every provider enabled, with
\`bare\`, the least that a proxy can do: \`fetch(request)\`. Both have the same upstream and the same requests in the same run:
2 KiB of JSON with 21 headers, answered with 1 KiB of JSON and 12 headers, or with 20 events of 250 bytes.

| what | unit | bare | Worker | ratio | spread | goal |
|---|---|---|---|---|---|---|
${rows.join("\n")}

The deployed bundle has ${figure(bundle.bytes)} bytes (${figure(bundle.gzip)} with gzip); its goal is ${figure(bundle.goal)}.

Instructions are those of valgrind's callgrind, in user space, per request: of a process that was warmed up with 500 requests
and then counted over twice 1,500 (streamed: 16 times 250, the middle half of them). They repeat to about 2 % on a machine of whatever load. CPU time
is that of the process, in short rounds that take turns; on a busy machine only the spread tells what it is worth. The spread is
a bootstrap 95 % interval over rounds; of instructions the smallest and largest ratio of any two blocks.

## Where the instructions go

Variants of the Worker, counted in the same way on a busy machine in November 2026, so to about 2 %. The client sends 21
headers; \`bare\` passes all of them on, the Worker nine, which is cheaper.

| variant | instructions | ratio |
|---|---|---|
| \`bare\` | 528,000 | 1 |
| \`fetch\` with four fixed headers, in a \`Headers\` that is kept | 493,000 | 0.93 |
| the same, and the digest of the host token compared with two others in constant time | 520,000 | 0.98 |
| the same, without the digest: nine request headers looked for, six found and set where they differ | 531,000 | 1.01 |
| the same six and four in an object that is made for each request | 568,000 | 1.08 |
| the same as a list of pairs | 769,000 | 1.46 |
| the Worker | 546,000 to 557,000 | 1.03 to 1.05 |
| the Worker, with a route looked for in two steps and properties of the request read where they are used | 576,000 | 1.09 |

Of both, \`bare\` and Worker, some 50,000 are garbage collection, mostly of what the runtime itself makes for a request. What
is left to choose is how often the runtime is called, in a loop of 200 calls in November 2026:

| call | instructions |
|---|---|
| a property of the request (\`url\`, \`method\`, \`headers\`, \`body\`), so each is read once | 1,100 |
| \`crypto.subtle\`, so it is read once for all | 1,400 |
| \`await\` of what is no promise | 1,500 |
| \`headers.get\`, found or not | 2,500 to 3,000 |
| \`timingSafeEqual\` of two digests | 4,300 |
| \`headers.set\` | 4,500 |
| \`new TextEncoder().encode\` of a token | 6,500 |
| \`crypto.subtle.digest\` of a token, with its \`await\` | 20,400 |
| SHA-256 of a token in JavaScript, without a promise | 18,200 to 22,300 |

The last is no gain: V8 keeps to its middle compiler for the first thousands of requests, and a hash written by hand would
take 700 bytes of the bundle.

Measured ${date} on ${machine}; ${used.join(", ")}.
`;
}

function figure(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}
