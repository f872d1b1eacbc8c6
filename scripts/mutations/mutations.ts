/** One promise, broken on purpose. */
export interface Mutation {
  name: string;
  /** The file that is broken, the text that is replaced (it must be there once), and what replaces it. */
  file: string;
  find: string;
  replace: string;
  /** Beginning of the name of the test that has to fail. */
  noticedBy: string;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "the Worker takes any token",
    file: "infra/worker/authentication.ts",
    find: 'if (!match) throw new Refusal("host_token_invalid");',
    replace: "match ??= accepted[0] as AcceptedToken;",
    noticedBy: "S4",
  },
  {
    name: "a new version of the route is not deployed",
    file: "infra/pulumi-provider/dynamic-route.ts",
    find: "await api.deploy(route.id, versionId);",
    replace: "if (versionId === undefined) return;",
    noticedBy: "a change of the route's graph",
  },
  {
    name: "restore leaves .env as it is",
    file: "infra/host/program/80-restore.sh",
    find: 'is_still "$ENV_FILE" "$ENV_SEEN" && write_env_back',
    replace: 'is_still "$ENV_FILE" "$ENV_SEEN"',
    noticedBy: "S8",
  },
  {
    name: "the health gate asks for no answer",
    file: "infra/host/program/50-openclaw.sh",
    find: '[ "$1" = full ] || return 0',
    replace: "return 0",
    noticedBy: "S7",
  },
];

/**
 * The text with the mutation in it.
 *
 * @throws Error when the text that it replaces is not there exactly once: the mutation has to follow the code.
 */
export function mutate(text: string, { file, find, replace }: Mutation): string {
  if (text.split(find).length !== 2) throw new Error(`${file} does not hold this text once: ${find}`);
  return text.replace(find, () => replace);
}
