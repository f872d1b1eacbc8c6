import type { SshServer } from "./connection";

/** One VPS that runs OpenClaw with Docker Compose, as the configuration names it. */
export interface HostConfig extends SshServer {
  /** Name of the host inside the stack: part of resource names, of our marks on the host, and of the request's metadata. */
  readonly name: string;
  /**
   * User to log in as: root; a member of group `docker` who owns the project directory and OpenClaw's; or one whom
   * `sudo -n` lets be root.
   */
  readonly user: string;
  /** The SSH server on the way to it, where it is not reached directly. */
  readonly jumpHost?: SshServer | undefined;
  /** Absolute path of the Compose project: where `docker-compose.yml` and `.env` are. */
  readonly directory: string;
  /** Compose service that runs the OpenClaw gateway. */
  readonly service: string;
  /** Look at the host before anything else: at its SSH key, and at what was changed there. Default: true. */
  readonly look?: boolean;
  /** Seconds that this look may take. Default: 3. */
  readonly lookSeconds?: number;
  /** The project's own compose files, relative to `directory`. Default: what `.env` or Compose's rules make it. */
  readonly composeFiles?: readonly string[] | undefined;
  /** OpenClaw's entry file, relative to the container's working directory. Default: `dist/index.js`. */
  readonly entry?: string;
  /** Places where a provider key may stay, as the refusal `key_elsewhere` names them. Default: none. */
  readonly allowKeys?: readonly string[];
  /** `HH:MM-HH:MM`, in the host's own time: OpenClaw is interrupted for a change only then. Default: at any time. */
  readonly window?: string | undefined;
  /** Seconds that a busy OpenClaw gets to finish its turns before it is stopped. Default: 330. */
  readonly drainSeconds?: number;
  /** Seconds that a Worker which is not live yet is waited for. Default: 120. */
  readonly workerWaitSeconds?: number;
  /** Seconds that the new container gets to become ready. Default: 180. */
  readonly readyWaitSeconds?: number;
}

/** How long a look at a host may take, unless its entry says otherwise. */
export const HOST_LOOK_SECONDS = 3;

/** What identifies a target: a change of one of these is another place, not another setting of the same place. */
export function hostIdentity(host: HostConfig): string[] {
  return [host.address, String(host.port), host.directory];
}

/** Values that the host program writes between quotes and slashes; anything else is refused, never escaped. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * The alphabet on which every reader of a `.env` file agrees unquoted: Compose v1 and v2, and the shell.
 * The host program checks it again.
 */
const PLAIN_VALUE = /^[A-Za-z0-9_./:@%+=,~-]+$/;

/** Every reason why this host cannot be addressed as configured; empty when there is none. */
export function hostConfigProblems(host: HostConfig): string[] {
  const problems: string[] = [];
  const plain = { name: host.name, service: host.service, user: host.user } as const;
  for (const [key, value] of Object.entries(plain)) {
    if (!PLAIN_NAME.test(value)) {
      problems.push(
        `${key}: "${value}" may hold letters, digits, ".", "_" and "-" and starts with a letter or digit`,
      );
    }
  }
  if (!host.directory.startsWith("/") || /[\0\n]/.test(host.directory)) {
    problems.push(`directory: "${host.directory}" is not an absolute path, such as /opt/openclaw`);
  }
  return problems;
}

/** Whether `value` may stand unquoted in a `.env` file. */
export function isPlainEnvValue(value: string): boolean {
  return PLAIN_VALUE.test(value);
}
