import type { FaultSwitches } from "./control-plane/faults";
import { createControlPlane, createFaults } from "./control-plane/server";
import { GatewayLog } from "./data-plane/gateway-log";
import { NotImitated } from "./data-plane/not-imitated";
import { RateWindows } from "./data-plane/rate-windows";
import { ResponseCache } from "./data-plane/response-cache";
import { createGateway } from "./data-plane/server";
import { listen } from "./http/listen";
import { createProviders } from "./providers/server";
import { type Settings, settle } from "./settings";
import { publicObjects } from "./store/objects";
import { permits } from "./store/permissions";
import { emptyState, hashOf, Store } from "./store/store";
import type { LocalCloudflare, LocalCloudflareOptions, ProviderRequest, WorkerRequest } from "./types";
import { WorkerHost } from "./workers/worker-host";

export type { Fault, FaultRule, Faults, InjectedFault } from "./control-plane/faults";
export * from "./defaults";
export { isEmpty } from "./store/objects";
export type * from "./types";

/**
 * Starts a local Cloudflare on loopback: the part of the v4 API that the stack uses, an AI Gateway, the uploaded Worker
 * in workerd, and fake providers behind it all.
 *
 * @throws when a wanted port is taken, an option makes no sense, or the state file is of another account.
 */
export async function startLocalCloudflare(options: LocalCloudflareOptions): Promise<LocalCloudflare> {
  const settings = settle(options);
  const { accountId, apiToken } = settings;
  const empty = emptyState(accountId, settings.workersSubdomain, settings.zones);
  const store = new Store(empty, { file: settings.stateFile, clock: settings.clock });
  const gatewayLog = new GatewayLog();
  const requests: ProviderRequest[] = [];
  const workerRequests: WorkerRequest[] = [];
  const faults = createFaults();
  const started = new Started();
  try {
    const providers = await started.add(startProviders(settings, store, requests));
    const gateway = await started.add(startGateway(settings, store, gatewayLog, providers.origin));
    const workers = await started.add(startWorkers(settings, store, gateway.port, workerRequests));
    const api = await started.add(startApi(settings, store, gatewayLog, workers, faults));
    return {
      apiUrl: `${api.origin}/client/v4`,
      gatewayUrl: gateway.origin,
      providersUrl: providers.origin,
      accountId,
      apiToken,
      workerUrl: (script) => workers.url(script),
      domainUrl: (hostname) => workers.url(hostname),
      revokeToken: (id) => revokeToken(store, id),
      faults,
      objects: () => publicObjects(store.state, store.time()),
      gatewayLog: () => structuredClone([...gatewayLog.entries()]),
      providerRequests: () => structuredClone(requests),
      workerRequests: () => structuredClone(workerRequests),
      close: () => started.close(),
    };
  } catch (error) {
    await started.close();
    throw error;
  }
}

/** What has been started, to be ended in reverse: the API before the Workers that it would deploy to. */
class Started {
  readonly #parts: { close(): Promise<void> }[] = [];

  async add<Part extends { close(): Promise<void> }>(starting: Promise<Part>): Promise<Part> {
    const part = await starting;
    this.#parts.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) await part.close();
  }
}

function startProviders(
  { providerKeys, pace, ports, log }: Settings,
  store: Store,
  requests: ProviderRequest[],
) {
  const accepts = (slug: string, key: string) => isAccepted(store, providerKeys, slug, key);
  return listen(createProviders({ accepts, pace, requests, log }), ports.providers);
}

/** Workers AI takes tokens of the account, every other provider its one key. */
function isAccepted(store: Store, keys: Settings["providerKeys"], slug: string, key: string): boolean {
  if (keys[slug] !== undefined && hashOf(keys[slug]) === hashOf(key)) return true;
  const token = slug === "workers-ai" ? store.tokenOfValue(key) : undefined;
  return token !== undefined && permits(token, ["Workers AI Read"], store.time());
}

function startGateway(
  { random, ports, unifiedBillingKeys, propagation, costOf, log }: Settings,
  store: Store,
  gatewayLog: GatewayLog,
  providersUrl: string,
) {
  const own = {
    store,
    gatewayLog,
    providersUrl,
    windows: new RateWindows(),
    cache: new ResponseCache(),
    notImitated: new NotImitated(log),
  };
  const plane = { ...own, propagation, unifiedBillingKeys, costOf, random, log };
  return listen(createGateway(plane), ports.gateway);
}

/** Scripts from the state file run again at once. */
async function startWorkers(
  { ports, log }: Settings,
  store: Store,
  gatewayPort: number,
  requests: WorkerRequest[],
): Promise<WorkerHost> {
  const workers = await WorkerHost.create({
    gatewayPort,
    ports: { ...ports.workers, ...ports.domains },
    requests,
    log,
  });
  const { scripts, customDomains, secrets } = store.state;
  try {
    for (const script of scripts) await workers.deploy(script, secrets.bindings[script.name] ?? {});
    for (const { hostname, service } of customDomains) workers.setDomain(hostname, service);
    return workers;
  } catch (error) {
    await workers.close();
    throw error;
  }
}

function revokeToken(store: Store, id: string): void {
  const token = store.token(id);
  if (!token) throw new Error(`There is no token ${id}.`);
  token.status = "revoked (exposed)";
  store.save();
}

function startApi(
  { apiToken, apiTokenOwner: owner, deployToken: record, propagation, ports, log }: Settings,
  store: Store,
  gatewayLog: GatewayLog,
  workers: WorkerHost,
  faults: FaultSwitches,
) {
  const deployToken = { hash: hashOf(apiToken), record, owner };
  const plane = { store, workers, gatewayLog, faults, propagation, deployToken, log };
  return listen(createControlPlane(plane), ports.api);
}
