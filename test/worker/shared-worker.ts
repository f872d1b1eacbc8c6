import { bindings, RunningWorker } from "./harness";
import { Upstream } from "./upstream";

/** The upstream of this test file's Worker; there from the first test on, empty before each. */
export let upstream: Upstream;
/** The deployed bytes in workerd, with every binding. */
export let worker: RunningWorker;

/** Starts one Worker and its upstream for all tests of a file. */
export function shareWorker(): void {
  beforeAll(async () => {
    upstream = await Upstream.start();
    worker = await RunningWorker.start(bindings(upstream.url));
  });
  afterAll(async () => {
    await worker.stop();
    await upstream.close();
  });
  beforeEach(() => upstream.reset());
}
