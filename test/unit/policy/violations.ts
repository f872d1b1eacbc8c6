import type {
  PolicyResource,
  PolicyResourceOptions,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";

/** A resource as the engine hands it to a policy. */
export interface Checked {
  type: string;
  props: Record<string, unknown>;
  stack?: string;
  protect?: boolean;
}

export type AnyPolicy = ResourceValidationPolicy | StackValidationPolicy;

/** What the policy reports about these resources. */
export async function violations(
  policy: AnyPolicy,
  resources: readonly Checked[],
  config: Record<string, unknown> = {},
): Promise<string[]> {
  const found: string[] = [];
  const report = (message: string) => {
    found.push(message);
  };
  const settings = { ...defaultsOf(policy), ...config };
  const common = {
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() => settings as T,
    notApplicable: () => {
      throw new Error("not applicable");
    },
  };
  if ("validateStack" in policy) {
    await policy.validateStack({ ...common, resources: resources.map(inStack) }, report);
    return found;
  }
  for (const resource of resources) {
    const args = { ...common, ...inStack(resource) } as unknown as ResourceValidationArgs;
    for (const validate of [(policy as ResourceValidationPolicy).validateResource ?? []].flat()) {
      await validate(args, report);
    }
  }
  return found;
}

function inStack({ type, props, stack = "prod", protect = false }: Checked): PolicyResource {
  const opts: PolicyResourceOptions = {
    protect,
    ignoreChanges: [],
    aliases: [],
    customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
    additionalSecretOutputs: [],
  };
  const isType = (resourceClass: object) =>
    (resourceClass as { __pulumiType?: string }).__pulumiType === type;
  return {
    type,
    props,
    urn: `urn:pulumi:${stack}::openclaw-ai-gateway::${type}::it`,
    name: "it",
    opts,
    dependencies: [],
    propertyDependencies: {},
    isType,
    asType: (resourceClass) => (isType(resourceClass) ? (props as never) : undefined),
  };
}

function defaultsOf({ configSchema }: AnyPolicy): Record<string, unknown> {
  const properties = Object.entries(configSchema?.properties ?? {});
  return Object.fromEntries(properties.map(([name, schema]) => [name, schema.default]));
}
