import { bearer, bindings, HOST_TOKENS, RunningWorker, sha256 } from "./harness";
import { shareWorker, upstream, worker } from "./shared-worker";

shareWorker();

const PATH = "/openai/v1/chat/completions";

/** Runs the Worker and tells how often it called the runtime's constant-time comparison for a request. */
const COUNT_COMPARISONS = `
  import worker from "./worker.mjs";
  const compare = crypto.subtle.timingSafeEqual.bind(crypto.subtle);
  let comparisons = 0;
  crypto.subtle.timingSafeEqual = (a, b) => {
    comparisons++;
    return compare(a, b);
  };
  export default {
    async fetch(request, env) {
      comparisons = 0;
      const response = await worker.fetch(request, env);
      return new Response(response.body, {
        status: response.status,
        headers: { "x-comparisons": String(comparisons) },
      });
    },
  };
`;

describe("a host token is accepted", () => {
  test.each([
    ["authorization", { authorization: `Bearer ${HOST_TOKENS.vps1}` }],
    ["authorization, scheme in any case", { authorization: `bearer ${HOST_TOKENS.vps1}` }],
    ["x-api-key", { "x-api-key": HOST_TOKENS.vps1 }],
    ["x-goog-api-key", { "x-goog-api-key": HOST_TOKENS.vps1 }],
    ["api-key", { "api-key": HOST_TOKENS.vps1 }],
  ])("in %s", async (_, headers) => {
    expect((await worker.send(PATH, { headers })).status).toBe(200);
    expect(upstream.requests).toHaveLength(1);
  });

  test.each([
    ["vps1", HOST_TOKENS.vps1],
    ["vps1", HOST_TOKENS.vps1Next],
    ["vps2", HOST_TOKENS.vps2],
  ])("S6: and tells the gateway that it is %s", async (host, token) => {
    await worker.send(PATH, { headers: { ...bearer(token), "cf-aig-metadata": '{"host":"other"}' } });
    expect(upstream.only.headers["cf-aig-metadata"]).toBe(JSON.stringify({ host }));
  });
});

describe("S4: a request ends with 401 and goes nowhere", () => {
  test.each([
    ["no token", {}, "host_token_missing"],
    ["an empty bearer", { authorization: "Bearer " }, "host_token_missing"],
    ["another scheme", { authorization: `Basic ${HOST_TOKENS.vps1}` }, "host_token_missing"],
    [
      "a token of nobody",
      bearer("ocg_revokedxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
      "host_token_invalid",
    ],
    ["a shortened token", bearer(HOST_TOKENS.vps1.slice(0, -1)), "host_token_invalid"],
    ["a lengthened token", bearer(`${HOST_TOKENS.vps1}x`), "host_token_invalid"],
    ["a token in the wrong case", bearer(HOST_TOKENS.vps1.toUpperCase()), "host_token_invalid"],
    ["S5: the hash in place of the token", bearer(sha256(HOST_TOKENS.vps1)), "host_token_invalid"],
    [
      "a right token behind a wrong one",
      { ...bearer("wrong"), "x-api-key": HOST_TOKENS.vps1 },
      "host_token_invalid",
    ],
  ])("with %s", async (_, headers, code) => {
    const reply = await worker.send(PATH, { headers });
    expect(reply.status).toBe(401);
    expect(reply.headers["x-worker-error"]).toBe(code);
    expect(reply.headers["www-authenticate"]).toBe("Bearer");
    expect(upstream.requests).toHaveLength(0);
  });

  test.each(["key", "api_key", "access_token"])("with the token in ?%s= alone", async (name) => {
    const reply = await worker.send(`${PATH}?${name}=${HOST_TOKENS.vps1}`);
    expect(reply.status).toBe(401);
    expect(upstream.requests).toHaveLength(0);
  });
});

test("S5: every accepted hash is compared in constant time, wherever the match is", async () => {
  const counting = await RunningWorker.start(bindings(upstream.url), { wrapper: COUNT_COMPARISONS });
  try {
    for (const token of [...Object.values(HOST_TOKENS), "ocg_unknown"]) {
      const reply = await counting.send(PATH, { headers: bearer(token) });
      expect(reply.headers["x-comparisons"]).toBe("3");
    }
  } finally {
    await counting.stop();
  }
});

test("a token that is no longer listed is refused", async () => {
  const accepted = [{ host: "vps2", generation: 1, sha256: sha256(HOST_TOKENS.vps2) }];
  const later = await RunningWorker.start({
    ...bindings(upstream.url),
    HOST_TOKENS: JSON.stringify(accepted),
  });
  try {
    expect((await later.send(PATH, { headers: bearer(HOST_TOKENS.vps1) })).status).toBe(401);
    expect((await later.send(PATH, { headers: bearer(HOST_TOKENS.vps2) })).status).toBe(200);
  } finally {
    await later.stop();
  }
});
