import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  PartlyCreatedError,
  type Properties,
  type ProviderSettings,
  type Reporter,
  type ResourceHandler,
} from "./handler";

/**
 * The engine's gRPC protocol for a provider, as far as custom resources need it. `@pulumi/pulumi/provider` has such a
 * server too, but it does not hand over the provider's configuration, and so the token would have to be an input of
 * every resource.
 */
export interface Provider {
  readonly version: string;
  /** Called once, before anything is asked of a handler. */
  configure(settings: ProviderSettings): void;
  /** The handler of a type such as `openclaw:index:DynamicRoute`, if there is one. */
  handler(type: string): ResourceHandler | undefined;
}

/**
 * Serves on a free loopback port, which it writes to standard output for the engine to read.
 *
 * @param engine address of the engine's own service, which shows messages; the engine starts a plugin with it
 */
export async function serve(provider: Provider, engine?: string): Promise<void> {
  const server = new grpc.Server();
  server.addService(ResourceProviderService, serviceOf(provider, reportersOf(engine)));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  process.stdout.write(`${port}\n`);
}

/** The reporter of the resource with this URN. */
type Reporters = (urn: string) => Reporter;

function reportersOf(engine: string | undefined): Reporters {
  const client =
    engine === undefined ? undefined : new EngineClient(engine, grpc.credentials.createInsecure());
  return (urn) => ({
    warn: (message) => {
      const request = new LogRequest().setSeverity(LogSeverity.WARNING).setUrn(urn).setMessage(message);
      // A message that cannot be shown is no reason for the run to fail.
      client?.log(request, () => {});
    },
  });
}

/** One function per method; what is missing is answered as unimplemented, which the engine takes as "not needed". */
export function serviceOf(provider: Provider, reporters: Reporters): grpc.UntypedServiceImplementation {
  const at = (urn: string) => {
    const type = typeOf(urn);
    const handler = provider.handler(type);
    if (handler === undefined) throw new Error(`This provider has no resource of type ${type}.`);
    return handler;
  };
  return {
    getPluginInfo: unary(async () => new PluginInfo().setVersion(provider.version)),
    checkConfig: unary(async (request: pb.CheckRequest) =>
      new pb.CheckResponse().setInputs(request.getNews()),
    ),
    // Another token or address is used from now on, but nothing that exists has to be made anew for it.
    diffConfig: unary(async (request: pb.DiffRequest) => {
      const same = JSON.stringify(plain(request.getOlds())) === JSON.stringify(plain(request.getNews()));
      return changes(new pb.DiffResponse(), !same);
    }),
    configure: unary(async (request: pb.ConfigureRequest) => {
      provider.configure(settingsOf(plain(request.getArgs())));
      return new pb.ConfigureResponse();
    }),
    cancel: unary(async () => new Empty()),

    check: unary(async (request: pb.CheckRequest) => {
      const before = request.getOlds();
      const { inputs, failures } = await at(request.getUrn()).check(
        plain(request.getNews()),
        before === undefined ? undefined : plain(before),
      );
      const list = failures.map(({ property, reason }) =>
        new pb.CheckFailure().setProperty(property).setReason(reason),
      );
      return new pb.CheckResponse().setInputs(struct(inputs)).setFailuresList(list);
    }),
    diff: unary(async (request: pb.DiffRequest) => {
      const urn = request.getUrn();
      const { updates, replaces } = await at(urn).diff(plain(request.getOlds()), plain(request.getNews()), {
        id: request.getId(),
        reporter: reporters(urn),
      });
      const changed = [...replaces, ...updates];
      return changes(new pb.DiffResponse(), changed.length > 0)
        .setDiffsList(changed)
        .setReplacesList([...replaces])
        .setDeletebeforereplace(replaces.length > 0);
    }),
    create: unary(async (request: pb.CreateRequest) => {
      const { id, outputs } = await at(request.getUrn()).create(plain(request.getProperties()));
      return new pb.CreateResponse().setId(id).setProperties(struct(outputs));
    }),
    read: unary(async (request: pb.ReadRequest) => {
      const [state, inputs] = [plain(request.getProperties()), plain(request.getInputs())];
      const found = await at(request.getUrn()).read(request.getId(), state, inputs);
      // An empty id is how a provider says that the object is gone.
      if (found === undefined) return new pb.ReadResponse();
      return new pb.ReadResponse()
        .setId(found.id)
        .setInputs(struct(found.inputs))
        .setProperties(struct(found.outputs));
    }),
    update: unary(async (request: pb.UpdateRequest) => {
      const state = plain(request.getOlds());
      const outputs = await at(request.getUrn()).update(request.getId(), state, plain(request.getNews()));
      return new pb.UpdateResponse().setProperties(struct(outputs));
    }),
    delete: unary(async (request: pb.DeleteRequest) => {
      await at(request.getUrn()).delete(request.getId(), plain(request.getProperties()));
      return new Empty();
    }),
  };
}

/** Answers a call with what the function returns, or with its error. */
function unary<Request, Response>(answer: (request: Request) => Promise<Response>) {
  return (call: grpc.ServerUnaryCall<Request, Response>, callback: grpc.sendUnaryData<Response>): void => {
    answer(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(grpcError(error)),
    );
  };
}

/** The message alone: a stack trace of this process tells the operator nothing. */
function grpcError(error: unknown): Partial<grpc.ServiceError> {
  const details = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof PartlyCreatedError) {
    metadata.add("grpc-status-details-bin", Buffer.from(initFailure(error).serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details, metadata };
}

/** How the engine is told that the object exists although its creation failed. */
function initFailure(error: PartlyCreatedError): Status {
  const failure = new pb.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(struct(error.outputs))
    .setReasonsList([error.message]);
  const detail = new Any();
  detail.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  return new Status().setCode(grpc.status.UNKNOWN).setMessage(error.message).setDetailsList([detail]);
}

function changes(response: pb.DiffResponse, some: boolean): pb.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  return response.setChanges(some ? DIFF_SOME : DIFF_NONE);
}

/** `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>` */
function typeOf(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

function settingsOf(args: Properties): ProviderSettings {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  return { apiToken: text(args.apiToken), baseUrl: text(args.baseUrl) };
}

/** Keys by which Pulumi marks a value that is wrapped as secret; see `sdk/go/common/resource/sig` of Pulumi. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The values without wrappers. Resources never get secrets wrapped, since this provider does not say it takes them. */
function plain(properties: Struct | undefined): Properties {
  return properties === undefined ? {} : (unwrap(properties.toJavaScript()) as Properties);
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (value === null || typeof value !== "object") return value;
  const record = value as Record<string, unknown>;
  if (record[SIGNATURE] === SECRET) return unwrap(record.value);
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, unwrap(inner)]));
}

function struct(properties: Properties): Struct {
  // Through JSON, so that what is undefined is left out: a Struct cannot hold it.
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)));
}
