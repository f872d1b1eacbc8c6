/**
 * How long a command waits for an SSH connection to a host and the log-in there, in milliseconds. A connection through a
 * jump host has that time for each of the two.
 */
export const CONNECT_MS = {
  /** `status`: a host that is down is a line of its table, and shall not hold up the lines of the others. */
  glance: 3_000,
  /** `doctor`: no answer is a failed check, so a slow network gets more; each check of a host that is down waits it out. */
  check: 5_000,
  /** `bypass`, `import-keys`: without this host there is nothing to do, so it gets what a bad line needs. */
  task: 10_000,
} as const;
