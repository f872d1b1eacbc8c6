/**
 * pulumi-resource-pulumi-nodejs: starts the provider behind Pulumi's dynamic resources, which is part of the program's
 * own `@pulumi/pulumi`. The engine starts it in the program's directory.
 */
import { createRequire } from "node:module";

import { locateModule } from "./installed-packages";

const provider = locateModule("@pulumi/pulumi/cmd/dynamic-provider", process.cwd());
createRequire(provider)(provider);
