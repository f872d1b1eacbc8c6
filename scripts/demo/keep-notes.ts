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
  const keyFile = join(stack.directory, "vps-key");
  writeFileSync(keyFile, host.privateKey, { mode: 0o600 });
  const envFile = join(stack.directory, "env.sh");
  writeFileSync(
    envFile,
    exports({ ...toolchain.engine.env(), ...toolchain.docker.env, ...stack.settings() }),
  );
  const { workerUrl } = await stack.outputs();
  return `
  . ${envFile}

  pulumi preview --stack ${stack.name} --config-file ${stack.configFile}
  pulumi stack output --stack ${stack.name}
  ssh -i ${keyFile} -p ${host.port} \\
    -o StrictHostKeyChecking=accept-new ${host.user}@${host.address}
  cd ${host.directory} && docker compose exec ${host.service} \\
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
