import type { ServerWritableStream } from "@grpc/grpc-js";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";

import { startChild, stopChild, waitForExit } from "./children";
import { locateModule } from "./installed-packages";
import { loaderEnvironment, parseRuntimeOptions } from "./runtime-options";

type PluginCall = ServerWritableStream<RunPluginRequest, RunPluginResponse>;

/** Runs a provider or policy pack written for Node, its output going to the engine, until the engine ends the call. */
export async function runPlugin(call: PluginCall): Promise<void> {
  const child = startPlugin(call.request);
  child.stdout?.on("data", (data: Buffer) => send(call, (response) => response.setStdout(data)));
  child.stderr?.on("data", (data: Buffer) => send(call, (response) => response.setStderr(data)));
  call.on("cancelled", () => stopChild(child));

  const { code } = await waitForExit(child);
  send(call, (response) => response.setExitcode(code ?? 1));
  call.end();
}

function startPlugin(request: RunPluginRequest) {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getProgram();
  const options = parseRuntimeOptions(info?.getOptions()?.toJavaScript() ?? {});
  // A policy pack takes its directory last and runs inside it; @pulumi/pulumi/cmd/run-policy-pack expects both.
  const isPolicyPack = request.getKind() === "analyzer";
  const module = isPolicyPack ? "@pulumi/pulumi/cmd/run-policy-pack" : "@pulumi/pulumi/cmd/run-plugin";
  const args = isPolicyPack ? [...request.getArgsList(), directory] : [directory, ...request.getArgsList()];
  return startChild([...options.nodeargs, locateModule(module, directory), ...args], {
    cwd: isPolicyPack ? directory : request.getPwd(),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environmentOf(request.getEnvList()), ...loaderEnvironment(options) },
  });
}

function environmentOf(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const at = assignment.indexOf("=");
      return [assignment.slice(0, at), assignment.slice(at + 1)];
    }),
  );
}

function send(call: PluginCall, fill: (response: RunPluginResponse) => void): void {
  const response = new RunPluginResponse();
  fill(response);
  call.write(response);
}
