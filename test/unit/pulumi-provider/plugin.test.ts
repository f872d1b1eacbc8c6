import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { oneModelRoute } from "../../../infra/cloudflare/route";

/** The plugin as the engine starts it: its own process, spoken to over gRPC. */

const PLUGIN = join(__dirname, "../../../infra/pulumi-provider/pulumi-resource-openclaw");
const URN = "urn:pulumi:dev::project::parent:type$openclaw:index:DynamicRoute::route";
const INPUTS = { accountId: "acc", gatewayId: "gw", name: "main", elements: oneModelRoute("@cf/x") };

let plugin: ChildProcess;
let client: ResourceProviderClient;

beforeAll(async () => {
  plugin = spawn(process.execPath, [PLUGIN], { stdio: ["ignore", "pipe", "inherit"] });
  const stdout = plugin.stdout;
  if (stdout === null) throw new Error("no stdout");
  const port = await new Promise<string>((resolve) => createInterface(stdout).once("line", resolve));
  client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
});

afterAll(() => {
  client?.close();
  plugin?.kill();
});

const struct = (value: object) => Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));

type Answered<Response> = (error: grpc.ServiceError | null, response: Response) => void;

function call<Response>(send: (answered: Answered<Response>) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, response) => (error ? reject(error) : resolve(response)));
  });
}

const check = (inputs: object, urn = URN) => {
  const request = new pb.CheckRequest().setUrn(urn).setNews(struct(inputs));
  return call<pb.CheckResponse>((answered) => client.check(request, answered));
};

const diff = (changes: object) => {
  const request = new pb.DiffRequest().setUrn(URN).setId("r").setOlds(struct(INPUTS));
  request.setNews(struct({ ...INPUTS, ...changes }));
  return call<pb.DiffResponse>((answered) => client.diff(request, answered));
};

test("it is configured with its token and address, secrets wrapped as the engine does", async () => {
  const secret = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value: "t".repeat(40),
  };
  const args = struct({ apiToken: secret, baseUrl: "http://127.0.0.1:9/client/v4" });
  const request = new pb.ConfigureRequest().setArgs(args);
  const response = await call<pb.ConfigureResponse>((answered) => client.configure(request, answered));
  // Then the engine unwraps the secrets of resources, and wraps them again in the state.
  expect(response.getAcceptsecrets()).toBe(false);
});

test("check answers with defaults, and with failures by property", async () => {
  const good = await check(INPUTS);
  expect(good.getInputs()?.toJavaScript()).toEqual({ ...INPUTS, adopt: false });
  expect(good.getFailuresList()).toEqual([]);

  const elements = INPUTS.elements.slice(0, 1);
  const bad = await check({ ...INPUTS, elements });
  expect(bad.getFailuresList().map((failure) => failure.getProperty())).toContain(
    "elements[0].outputs.next.elementId",
  );
});

test("diff tells update from replacement", async () => {
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  expect((await diff({})).getChanges()).toBe(DIFF_NONE);

  const update = await diff({ elements: oneModelRoute("@cf/y") });
  expect(update.getChanges()).toBe(DIFF_SOME);
  expect(update.getDiffsList()).toEqual(["elements"]);
  expect(update.getReplacesList()).toEqual([]);

  const replacement = await diff({ gatewayId: "other" });
  expect(replacement.getReplacesList()).toEqual(["gatewayId"]);
  expect(replacement.getDeletebeforereplace()).toBe(true);
});

test("a host's drift goes through create, diff and update, and the count goes up at each that was found", async () => {
  const urn = URN.replace("DynamicRoute", "HostDrift");
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  const none = { drift: [] };
  const found = { drift: ["env changed since: COMPOSE_FILE"] };
  const create = new pb.CreateRequest().setUrn(urn).setProperties(struct(none));
  const created = await call<pb.CreateResponse>((answered) => client.create(create, answered));
  const id = created.getId();
  const state = created.getProperties()?.toJavaScript() ?? {};
  expect(state).toMatchObject({ drift: [], epoch: 0 });

  const compare = async (olds: object, news: object) => {
    const request = new pb.DiffRequest().setUrn(urn).setId(id).setOlds(struct(olds)).setNews(struct(news));
    const response = await call<pb.DiffResponse>((answered) => client.diff(request, answered));
    expect(response.getReplacesList()).toEqual([]);
    return response.getChanges();
  };
  const update = async (olds: object) => {
    const request = new pb.UpdateRequest().setUrn(urn).setId(id).setOlds(struct(olds)).setNews(struct(found));
    const response = await call<pb.UpdateResponse>((answered) => client.update(request, answered));
    return response.getProperties()?.toJavaScript() ?? {};
  };
  expect(await compare(state, none)).toBe(DIFF_NONE);
  expect(await compare(state, found)).toBe(DIFF_SOME);
  const once = await update(state);
  expect(once).toEqual({ ...found, epoch: 1 });
  // Put right by that run: what it found then is no change by itself, and the same again is.
  expect(await compare(once, none)).toBe(DIFF_NONE);
  expect(await compare(once, found)).toBe(DIFF_SOME);
  expect(await update(once)).toEqual({ ...found, epoch: 2 });
});

test("an error is one message, without a stack trace", async () => {
  const urn = URN.replace("DynamicRoute", "Nothing");
  const error = await check({}, urn).catch((reason: grpc.ServiceError) => reason);
  expect(error).toMatchObject({ details: "This provider has no resource of type openclaw:index:Nothing." });
});

test("a new token for the provider is no reason to replace anything", async () => {
  const request = new pb.DiffRequest().setOlds(struct({ apiToken: "a" })).setNews(struct({ apiToken: "b" }));
  const response = await call<pb.DiffResponse>((answered) => client.diffConfig(request, answered));
  expect(response.getChanges()).toBe(pb.DiffResponse.DiffChanges.DIFF_SOME);
  expect(response.getReplacesList()).toEqual([]);
});
