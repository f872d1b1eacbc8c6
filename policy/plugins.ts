import type { ResourceValidationPolicy } from "@pulumi/policy";
import manifest from "../package.json";

const PROVIDER = "pulumi:providers:";
/** Lies in this repository and has no version of its own. */
const OWN_PLUGIN = "openclaw";

const exactVersions: ResourceValidationPolicy = {
  name: "plugins-pinned",
  description: "Every plugin has the exact version that package.json names.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (!type.startsWith(PROVIDER) || type === PROVIDER + OWN_PLUGIN) return;
    const plugin = type.slice(PROVIDER.length);
    const wanted = versionOf(`@pulumi/${plugin}`);
    if (wanted === undefined) report(`package.json names no exact version of @pulumi/${plugin}.`);
    else if (props.version !== wanted) {
      report(
        `Plugin ${plugin} is ${props.version ?? "of any version"}, and package.json has ${wanted}. Run npm ci.`,
      );
    }
  },
};

function versionOf(name: string): string | undefined {
  const version: string | undefined = new Map(Object.entries(manifest.dependencies)).get(name);
  return /^\d+\.\d+\.\d+$/.test(version ?? "") ? version : undefined;
}

export const pluginPolicies = [exactVersions];
