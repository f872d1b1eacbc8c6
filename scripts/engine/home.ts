import { join } from "node:path";

import type { EngineVersions, PluginName } from "./versions";

/** Where the npm wrapper `pulumi` looks for the CLI below a `PULUMI_HOME`; its helpers are beside it. */
export function cliDirectory(home: string, versions: EngineVersions): string {
  return join(home, "versions", versions.cli, "bin");
}

/** Where the engine looks for a resource plugin below a `PULUMI_HOME`. */
export function pluginFile(home: string, versions: EngineVersions, name: PluginName): string {
  return join(home, "plugins", `resource-${name}-v${versions.plugins[name]}`, `pulumi-resource-${name}`);
}
