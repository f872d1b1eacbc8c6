import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { LocalEnvironment } from "../local/environment";
import type { Toolchain } from "../setup";

/**
 * How to talk to everything while the demo waits. The settings are long, so they go into a file to be sourced, beside
 * the stack file, and the text stays short.
 */
export async function keepNotes(environment: LocalEnvironment, toolchain: Toolchain): Promise<string> {
  const { cloudflare, stack, vps } = environment;
  const host = vps[0];
  if (!host) throw new Error("the demo has no VPS");
  const inDirectory = (name: string) => join(stack.directory, name);
  writeFileSync(inDirectory("vps-key"), host.privateKey, { mode: 0o600 });
  writeFileSync(inDirectory("known_hosts"), `[${host.address}]:${host.port} ${host.hostKey}\n`);
  const { DOCKER_HOST, DOCKER_CONFIG } = toolchain.docker.env;
  const variables = {
    ...toolchain.engine.env(),
    ...stack.settings(),
    ...{ DOCKER_HOST, DOCKER_CONFIG, DEMO: stack.directory, DEMO_VPS: host.directory },
  };
  writeFileSync(inDirectory("env.sh"), exports(variables));
  const { workerUrl } = await stack.outputs();
  return `
  . ${inDirectory("env.sh")}

  pulumi preview --stack ${stack.name} --config-file $DEMO/Pulumi.${stack.name}.yaml
  pulumi stack output --stack ${stack.name}
  ssh -i $DEMO/vps-key -o UserKnownHostsFile=$DEMO/known_hosts \\
    -p ${host.port} ${host.user}@${host.address}
  cd $DEMO_VPS && docker compose exec ${host.service} \\
    node dist/index.js infer model run --local --prompt 'Hello?'
  curl ${String(workerUrl)}/healthz

  Worker            ${String(workerUrl)}
  Cloudflare API    ${cloudflare.apiUrl}
  AI Gateway        ${cloudflare.gatewayUrl}
  fake providers    ${cloudflare.providersUrl}
  stack file        ${stack.configFile}

  Ctrl-C takes it all down again: pulumi destroy, the comparison, the end.
`;
}

/** A shell file that exports the variables; the machine's own PATH stays behind ours. */
function exports(variables: NodeJS.ProcessEnv): string {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  return Object.entries(variables)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `export ${name}=${quote(value)}${name === "PATH" ? `${delimiter}"$PATH"` : ""}\n`)
    .join("");
}
