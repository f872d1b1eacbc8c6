import { HostDriftHandler } from "../../../infra/pulumi-provider/host-drift";

const handler = new HostDriftHandler();
const KNOWN = { id: "host-drift", reporter: { warn: () => {} } };
const DRIFT = ["env changed since: COMPOSE_FILE"];

test("each time something is found the count goes up, and only then", async () => {
  const { outputs } = await handler.create({ drift: [] });
  expect(outputs).toEqual({ drift: [], epoch: 0 });
  expect(handler.diff(outputs, { drift: [] }).updates).toEqual([]);
  expect(handler.diff(outputs, { drift: DRIFT }).updates).toEqual(["drift"]);
  const once = await handler.update(KNOWN.id, outputs, { drift: DRIFT });
  expect(once.epoch).toBe(1);
  expect(handler.diff(once, { drift: [] }).updates).toEqual([]);
  // The same again is another time.
  expect(handler.diff(once, { drift: DRIFT }).updates).toEqual(["drift"]);
  expect((await handler.update(KNOWN.id, once, { drift: DRIFT })).epoch).toBe(2);
});
