import * as pulumi from "@pulumi/pulumi";
import * as runtime from "@pulumi/pulumi/runtime";

/** How Pulumi marks a secret on its way to the engine. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A resource as the program registered it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  /** Secrets are replaced by `{secret: value}`. */
  readonly inputs: Record<string, unknown>;
  /** Types from the stack down, e.g. `openclaw-ai-gateway:cloudflare:RunToken$cloudflare:index/accountToken:AccountToken`. */
  readonly qualifiedType: string;
  readonly options: pulumi.CustomResourceOptions;
}

export interface RecordedStack {
  readonly resources: readonly RecordedResource[];
  /** Values of what the program returned. */
  readonly outputs: Record<string, unknown>;
  resource(name: string): RecordedResource;
  /** Whether an output of the stack is secret. */
  isSecret(output: string): Promise<boolean>;
}

export interface RecordOptions {
  readonly project?: string;
  readonly stack?: string;
  /** State of a new resource beside its inputs, by type. */
  readonly state?: Readonly<Record<string, Record<string, unknown>>>;
  /** Answer of a provider function. */
  readonly call?: (token: string, inputs: Record<string, unknown>) => Record<string, unknown>;
}

/** Runs a program, or part of one, against Pulumi's mocks and returns everything that it registered. */
export async function recordStack(
  program: () => Promise<object> | object,
  { project = "openclaw-ai-gateway", stack = "test", state = {}, call = () => ({}) }: RecordOptions = {},
): Promise<RecordedStack> {
  const resources: RecordedResource[] = [];
  const options = new Map<string, pulumi.CustomResourceOptions>();
  await runtime.setMocks(
    {
      newResource: (args) => {
        const inputs = withMarks(args.inputs) as Record<string, unknown>;
        resources.push({ ...args, inputs, qualifiedType: "", options: options.get(args.name) ?? {} });
        return { id: `${args.name}-id`, state: { ...args.inputs, ...state[args.type] } };
      },
      call: (args) => call(args.token, args.inputs),
    },
    project,
    stack,
  );
  // The mocks know no hooks, so none is ever called.
  const hooks = { registerResourceHook: (_: unknown, done: (error: null) => void) => done(null) };
  Object.assign(runtime.getMonitor() ?? {}, hooks);
  const registered = new Map<string, pulumi.Resource>();
  let returned: Record<string, unknown> = {};
  await runtime.runInPulumiStack(async () => {
    runtime.registerStackTransformation(({ name, opts, resource }) => {
      options.set(name, opts);
      registered.set(name, resource);
      return undefined;
    });
    returned = { ...(await program()) };
    await valueNow(pulumi.output(returned));
    // What no output needs is registered as well.
    await runtime.disconnect();
    return {};
  });
  const recorded = await Promise.all(
    resources.map(async (entry) => ({
      ...entry,
      qualifiedType: await qualifiedTypeOf(registered.get(entry.name)),
      options: options.get(entry.name) ?? {},
    })),
  );
  return {
    resources: recorded,
    outputs: (await valueNow(pulumi.output(returned))) as Record<string, unknown>,
    resource: (name) => {
      const found = recorded.find((entry) => entry.name === name);
      if (found === undefined)
        throw new Error(`no resource ${name}: ${recorded.map((r) => r.name).join(", ")}`);
      return found;
    },
    isSecret: (output) => pulumi.isSecret(pulumi.output(returned[output])),
  };
}

/** The value of an output, once it is known. */
export function valueNow<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value));
  });
}

/** What a resource depends on by `dependsOn`, by name. */
export async function dependencies({ options }: RecordedResource): Promise<string[]> {
  const list = (await valueNow(pulumi.output(options.dependsOn ?? []) as pulumi.Output<unknown>)) as
    | pulumi.Resource
    | pulumi.Resource[];
  const urns = await Promise.all([list].flat().map((resource) => valueNow(resource.urn)));
  return urns.map((urn) => urn.split("::").at(-1) ?? "");
}

async function qualifiedTypeOf(resource: pulumi.Resource | undefined): Promise<string> {
  return resource === undefined ? "" : ((await valueNow(resource.urn)).split("::")[2] ?? "");
}

function withMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMarks);
  if (value === null || typeof value !== "object") return value;
  const record = value as Record<string, unknown>;
  if (record[SIGNATURE] === SECRET) return { secret: withMarks(record.value) };
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, withMarks(inner)]));
}
