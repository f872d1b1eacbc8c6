/**
 * Stands for OpenClaw's gateway where a fault is to be tested with real containers: it starts at once, behaves as
 * `behaviour.json` beside it says, and tells whose configuration it runs on.
 */
const { appendFileSync, readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { join } = require("node:path");

const behaviour = () => JSON.parse(readFileSync(join(__dirname, "behaviour.json"), "utf8"));
const configuration = "AI_GATEWAY_WORKER_URL" in process.env ? "new" : "own";
const fails = (how) => configuration === "new" && behaviour().start === how;

if (fails("crash")) process.exit(1);

const server = createServer((_request, response) => {
  response.writeHead(fails("unhealthy") ? 503 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify({ ready: true, configuration }));
});
server.listen(Number(process.env.OPENCLAW_GATEWAY_PORT), "127.0.0.1");

/** OpenClaw ends its turns first. */
process.on("SIGTERM", () => {
  setTimeout(() => {
    appendFileSync(join(__dirname, "stops.log"), `${configuration} finished\n`);
    process.exit(0);
  }, behaviour().turnMs);
});
