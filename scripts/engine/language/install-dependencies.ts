import { spawn } from "node:child_process";
import type { ServerWritableStream } from "@grpc/grpc-js";
import {
  type InstallDependenciesRequest,
  InstallDependenciesResponse,
} from "@pulumi/pulumi/proto/language_pb";

import { waitForExit } from "./children";
import { nearest } from "./installed-packages";

type InstallCall = ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>;

/**
 * `npm install` for a program, its output going to the engine.
 *
 * @throws Error when npm ends with an error.
 */
export async function installDependencies(call: InstallCall): Promise<void> {
  const directory = call.request.getInfo()?.getProgramDirectory() ?? call.request.getDirectory();
  const child = spawn("npm", ["install", "--loglevel=error"], {
    cwd: nearest(directory, "package.json") ?? directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (data: Buffer) => send(call, (response) => response.setStdout(data)));
  child.stderr.on("data", (data: Buffer) => send(call, (response) => response.setStderr(data)));
  const { code } = await waitForExit(child);
  if (code !== 0) {
    throw new Error(`npm install in ${directory} ended with exit code ${code}`);
  }
  call.end();
}

function send(call: InstallCall, fill: (response: InstallDependenciesResponse) => void): void {
  const response = new InstallDependenciesResponse();
  fill(response);
  call.write(response);
}
