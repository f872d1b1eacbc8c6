import { randomBytes } from "node:crypto";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What differs from one local VPS to the next. */
export interface OperatorFilesOptions {
  /** Project directory; made if absent. */
  directory: string;
  /** Name of the VPS, for a comment. */
  name: string;
  image: string;
  /** Port of OpenClaw's gateway on loopback. */
  gatewayPort: number;
  /** Owner of OpenClaw's own directories and user of its container. */
  containerUser: number;
  /** Origin of the fake providers: a local VPS cannot reach the vendors. */
  providersUrl: string;
  /** Key per gateway slug; providers without one are left out. */
  providerKeys: Readonly<Record<string, string>>;
}

interface OperatorProvider {
  slug: string;
  keyName: string;
  /** Key under `models.providers`. */
  id: string;
  /** The vendor's own path; the fake providers keep it behind the slug. */
  path: string;
  api?: string;
}

/**
 * How an operator who calls the vendors directly has set up each provider. A changed `baseUrl` makes OpenClaw take
 * models that its catalog does not list for OpenAI-compatible ones (its utility model is one), hence `api`.
 */
const PROVIDERS: readonly OperatorProvider[] = [
  {
    slug: "anthropic",
    keyName: "ANTHROPIC_API_KEY",
    id: "anthropic",
    path: "/anthropic",
    api: "anthropic-messages",
  },
  { slug: "openai", keyName: "OPENAI_API_KEY", id: "openai", path: "/openai/v1" },
  {
    slug: "google-ai-studio",
    keyName: "GEMINI_API_KEY",
    id: "google",
    path: "/google-ai-studio/v1beta",
    api: "google-generative-ai",
  },
  { slug: "openrouter", keyName: "OPENROUTER_API_KEY", id: "openrouter", path: "/openrouter/api/v1" },
];

const PRIMARY_MODEL = "anthropic/claude-sonnet-4-6";

/** Names of OpenClaw's directories below the project directory. */
export const CONFIG_DIRECTORY = "openclaw";
export const WORKSPACE_DIRECTORY = "workspace";
const SECRETS_DIRECTORY = "auth-profile-secrets";

/** Writes the project directory of an operator who runs OpenClaw today: nothing in it knows this project. */
export function writeOperatorFiles(options: OperatorFilesOptions): void {
  const { directory, containerUser } = options;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const own = (path: string) => {
    if (process.getuid?.() === 0) chownSync(path, containerUser, containerUser);
  };
  // The mount point of the workspace inside the configuration directory too: Docker would make it as root.
  const openclawDirectories = [
    CONFIG_DIRECTORY,
    join(CONFIG_DIRECTORY, "workspace"),
    WORKSPACE_DIRECTORY,
    SECRETS_DIRECTORY,
  ];
  for (const name of openclawDirectories) {
    mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
    own(join(directory, name));
  }
  writeFileSync(join(directory, "docker-compose.yml"), composeFile(containerUser), { mode: 0o644 });
  writeFileSync(join(directory, ".env"), dotEnv(options), { mode: 0o600 });
  const openclawJson = join(directory, CONFIG_DIRECTORY, "openclaw.json");
  writeFileSync(openclawJson, openclawConfig(options), { mode: 0o600 });
  own(openclawJson);
}

/** The shape of OpenClaw's own compose file, with the network of the host so that everything stays on loopback. */
function composeFile(containerUser: number): string {
  const probe =
    "fetch('http://127.0.0.1:' + (process.env.OPENCLAW_GATEWAY_PORT || 18789) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))";
  const shared = `    image: \${OPENCLAW_IMAGE:-openclaw:local}
    user: "${containerUser}:${containerUser}"
    env_file:
      - path: .env
        required: false
    environment:
      HOME: /home/node
      OPENCLAW_HOME: /home/node
      OPENCLAW_STATE_DIR: /home/node/.openclaw
      OPENCLAW_CONFIG_DIR: /home/node/.openclaw
      OPENCLAW_CONFIG_PATH: /home/node/.openclaw/openclaw.json
      OPENCLAW_WORKSPACE_DIR: /home/node/.openclaw/workspace
      OPENCLAW_GATEWAY_TOKEN: \${OPENCLAW_GATEWAY_TOKEN:-}
      TZ: \${OPENCLAW_TZ:-UTC}
    volumes:
      - \${OPENCLAW_CONFIG_DIR}:/home/node/.openclaw
      - \${OPENCLAW_WORKSPACE_DIR}:/home/node/.openclaw/workspace
      - \${OPENCLAW_AUTH_PROFILE_SECRET_DIR}:/home/node/.config/openclaw
    network_mode: host
    cap_drop: [NET_RAW, NET_ADMIN]
    security_opt: ["no-new-privileges:true"]
    init: true`;
  return `services:
  openclaw-gateway:
${shared}
    restart: unless-stopped
    command: ["node", "dist/index.js", "gateway", "--bind", "\${OPENCLAW_GATEWAY_BIND:-loopback}", "--port", "\${OPENCLAW_GATEWAY_PORT:-18789}"]
    healthcheck:
      test: ["CMD", "node", "-e", "${probe}"]
      interval: 5s
      timeout: 10s
      retries: 5
      start_period: 120s

  openclaw-cli:
${shared}
    depends_on: [openclaw-gateway]
    stdin_open: true
    tty: true
    entrypoint: ["node", "dist/index.js"]
`;
}

function dotEnv({ directory, name, image, gatewayPort, providerKeys }: OperatorFilesOptions): string {
  const keys = PROVIDERS.filter(({ slug }) => providerKeys[slug]);
  return `# OpenClaw on ${name}
OPENCLAW_IMAGE=${image}
OPENCLAW_CONFIG_DIR=${join(directory, CONFIG_DIRECTORY)}
OPENCLAW_WORKSPACE_DIR=${join(directory, WORKSPACE_DIRECTORY)}
OPENCLAW_AUTH_PROFILE_SECRET_DIR=${join(directory, SECRETS_DIRECTORY)}
OPENCLAW_GATEWAY_BIND=loopback
OPENCLAW_GATEWAY_PORT=${gatewayPort}
OPENCLAW_GATEWAY_TOKEN=${randomBytes(24).toString("hex")}

# Keys of the LLM providers
${keys.map(({ slug, keyName }) => `${keyName}=${providerKeys[slug]}`).join("\n")}

OPENCLAW_TZ=UTC
`;
}

/** With a comment, as people write it: OpenClaw reads JSON5, and its own writer would drop the comment. */
function openclawConfig({ providersUrl, providerKeys }: OperatorFilesOptions): string {
  const providers = Object.fromEntries(
    PROVIDERS.filter(({ slug }) => providerKeys[slug]).map(({ id, path, api }) => [
      id,
      { baseUrl: providersUrl + path, ...(api ? { api } : {}), models: [] },
    ]),
  );
  const config = {
    // Off by default: this operator talks to OpenClaw by an app of his own, too.
    gateway: { mode: "local", http: { endpoints: { chatCompletions: { enabled: true } } } },
    models: { providers },
    agents: { defaults: { model: { primary: PRIMARY_MODEL } } },
    // OPENROUTER_API_KEY would have OpenClaw fetch this web search plugin at every start.
    plugins: { entries: { perplexity: { enabled: false } } },
  };
  return `// Edited by hand; the keys of the providers are in .env.\n${JSON.stringify(config, null, 2)}\n`;
}
