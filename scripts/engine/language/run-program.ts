import { type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";

import { startChild, waitForExit } from "./children";
import { locateModule } from "./installed-packages";
import { loaderEnvironment, parseRuntimeOptions } from "./runtime-options";

/** Exit code of `@pulumi/pulumi/cmd/run` that says: the user has been shown what is wrong, add nothing. */
const ALREADY_EXPLAINED = 32;

/** Runs a Pulumi program to its end. A problem of the program is in the answer, not thrown. */
export async function runProgram(request: RunRequest, engineAddress: string): Promise<RunResponse> {
  const response = new RunResponse();
  try {
    const { code, signal } = await waitForExit(startProgram(request, engineAddress));
    if (code === ALREADY_EXPLAINED) {
      response.setBail(true);
    } else if (code !== 0) {
      response.setError(`Program exited with ${code === null ? signal : `non-zero exit code: ${code}`}`);
    }
  } catch (error) {
    response.setError(error instanceof Error ? error.message : String(error));
  }
  return response;
}

function startProgram(request: RunRequest, engineAddress: string) {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getPwd();
  const options = parseRuntimeOptions(info?.getOptions()?.toJavaScript() ?? {});
  const args = [
    ...options.nodeargs,
    ...(request.getAttachDebugger() ? ["--inspect-brk", "--inspect-publish-uid=http"] : []),
    locateModule("@pulumi/pulumi/cmd/run", directory),
    ...flags(request, engineAddress, directory),
    info?.getEntryPoint() || ".",
    ...request.getArgsList(),
  ];
  return startChild(args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      ...loaderEnvironment(options),
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  });
}

function flags(request: RunRequest, engineAddress: string, directory: string): string[] {
  const values: [string, string | undefined][] = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engineAddress],
    ["organization", request.getOrganization()],
    ["project", request.getProject()],
    ["root-directory", request.getInfo()?.getRootDirectory()],
    ["stack", request.getStack()],
    ["pwd", directory],
    ["parallel", String(request.getParallel())],
  ];
  const given = values.flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  return request.getDryrun() ? [...given, "--dry-run"] : given;
}
