import { holds } from "../../../scripts/local/cloudflare/data-plane/conditions";

const subject = { metadata: { plan: "paid", seats: 3 }, body: { user: "ada" }, headers: { "x-team": "a" } };

test.each<[unknown, boolean]>([
  [{}, true],
  [undefined, true],
  [{ "metadata.plan": "paid" }, true],
  [{ "metadata.plan": { $eq: "paid" } }, true],
  ['{"metadata.plan":{"$eq":"paid"}}', true],
  [{ "metadata.plan": { $eq: "free" } }, false],
  [{ "metadata.plan": { $ne: "free" } }, true],
  [{ "metadata.seats": { $gt: 2, $lte: 3 } }, true],
  [{ "metadata.seats": { $gt: 3 } }, false],
  [{ "metadata.seats": { $lt: "4" } }, false],
  [{ "metadata.plan": { $in: ["paid", "trial"] } }, true],
  [{ "metadata.plan": { $nin: ["paid"] } }, false],
  [{ "metadata.region": { $exists: false } }, true],
  [{ "metadata.region": "eu" }, false],
  [{ "headers.x-team": "a", "body.user": "ada" }, true],
  [{ "headers.x-team": "a", "body.user": "bob" }, false],
  [{ $or: [{ "body.user": "bob" }, { "body.user": "ada" }] }, true],
  [{ $and: [{ "body.user": "ada" }, { "metadata.plan": "free" }] }, false],
  [{ $not: { "body.user": "bob" } }, true],
  [{ "metadata.plan": { $like: "p%" } }, false],
])("%j is %s", (conditions, expected) => {
  expect(holds(conditions, subject)).toBe(expected);
});
