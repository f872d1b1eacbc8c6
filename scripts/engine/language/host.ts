/**
 * pulumi-language-nodejs: what the Pulumi CLI starts to run programs and plugins written for Node.js.
 *
 * It is a server for the gRPC service LanguageRuntime. It prints its port and then serves until the engine ends it.
 * Pulumi ships its own with the CLI, but not as a Go module; this one stands in for it where the CLI is built from
 * source. Generating code (`pulumi convert`, `pulumi package`) and synchronous invokes are left out: nothing here uses them.
 */
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "@pulumi/pulumi/version";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { endWithParent, stopChildren } from "./children";
import { installDependencies } from "./install-dependencies";
import { programDependencies, requiredPackages } from "./installed-packages";
import { runPlugin } from "./run-plugin";
import { runProgram } from "./run-program";

/** The address of the engine comes last on the command line; Handshake says it again. */
let engineAddress = process.argv.at(-1) ?? "";

const service = {
  handshake: unary<language.LanguageHandshakeRequest, language.LanguageHandshakeResponse>((request) => {
    engineAddress = request.getEngineAddress();
    return new language.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary<Empty, PluginInfo>(() => {
    const info = new PluginInfo();
    info.setVersion(version);
    return info;
  }),
  getRequiredPackages: unary(getRequiredPackages),
  getProgramDependencies: unary(getProgramDependencies),
  run: unary<language.RunRequest, language.RunResponse>((request) => runProgram(request, engineAddress)),
  runPlugin: streaming(runPlugin),
  installDependencies: streaming(installDependencies),
  about: unary<language.AboutRequest, language.AboutResponse>(() => {
    const about = new language.AboutResponse();
    about.setExecutable(process.execPath);
    about.setVersion(process.version);
    return about;
  }),
  runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
  template: unary(() => new language.TemplateResponse()),
  cancel: unary<Empty, Empty>(() => {
    stopChildren();
    return new Empty();
  }),
};

function getRequiredPackages(request: language.GetRequiredPackagesRequest) {
  const response = new language.GetRequiredPackagesResponse();
  for (const { name, version, server } of requiredPackages(request.getInfo()?.getProgramDirectory() ?? ".")) {
    const dependency = new PackageDependency();
    dependency.setName(name);
    dependency.setKind("resource");
    dependency.setVersion(version);
    dependency.setServer(server ?? "");
    response.addPackages(dependency);
  }
  return response;
}

function getProgramDependencies(request: language.GetProgramDependenciesRequest) {
  const response = new language.GetProgramDependenciesResponse();
  for (const { name, version } of programDependencies(request.getInfo()?.getProgramDirectory() ?? ".")) {
    const dependency = new language.DependencyInfo();
    dependency.setName(name);
    dependency.setVersion(version);
    response.addDependencies(dependency);
  }
  return response;
}

function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(asStatus(error)),
      );
  };
}

function streaming<Request, Response>(
  serve: (call: grpc.ServerWritableStream<Request, Response>) => Promise<void>,
): grpc.handleServerStreamingCall<Request, Response> {
  return (call) => {
    Promise.resolve(call)
      .then(serve)
      .catch((error: unknown) => call.emit("error", asStatus(error)));
  };
}

function asStatus(error: unknown): Partial<grpc.StatusObject> {
  return {
    code: grpc.status.UNKNOWN,
    details: error instanceof Error ? error.message : String(error),
  };
}

endWithParent();
const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, service);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
