import { Cloudflare } from "cloudflare";
import {
  type LocalCloudflare,
  type LocalCloudflareOptions,
  startLocalCloudflare,
} from "../../../scripts/local/cloudflare";
import { SETTINGS } from "../cloudflare/support";

/** A local Cloudflare for one test file, and a gateway of its own for each test. */
export interface Account {
  readonly cloudflare: LocalCloudflare;
  /** The official SDK, without retries of its own: every fault reaches the handler. */
  readonly client: Cloudflare;
  /** Makes another gateway and returns its id. */
  newGateway(settings?: object): Promise<string>;
}

/** Starts one for all tests of the file or group, or another one for each test. */
export function useAccount({
  eachTest = false,
  ...options
}: { eachTest?: boolean } & Partial<LocalCloudflareOptions> = {}): () => Account {
  let account: Account | undefined;
  const start = async () => {
    account = await newAccount(options);
  };
  const end = () => account?.cloudflare.close();
  if (eachTest) {
    beforeEach(start);
    afterEach(end);
  } else {
    beforeAll(start);
    afterAll(end);
  }
  return () => {
    if (account === undefined) throw new Error("not started");
    return account;
  };
}

async function newAccount(options: Partial<LocalCloudflareOptions>): Promise<Account> {
  const cloudflare = await startLocalCloudflare({ providerKeys: {}, ...options });
  const client = new Cloudflare({ apiToken: cloudflare.apiToken, baseURL: cloudflare.apiUrl, maxRetries: 0 });
  let gateways = 0;
  return {
    cloudflare,
    client,
    newGateway: async (settings = {}) => {
      const id = `gateway-${++gateways}`;
      await client.aiGateway.create({ account_id: cloudflare.accountId, id, ...SETTINGS, ...settings });
      return id;
    },
  };
}
