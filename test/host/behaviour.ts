/** How OpenClaw and its container behave on a host. */
export interface Behaviour {
  start: "ok" | "crash" | "unhealthy" | "refuse";
  ready: boolean;
  /** `fail`: the provider refuses the key; `down`: it does not answer. */
  turn: "ok" | "fail" | "down";
  /** The provider refuses this one. */
  revokedKey: string;
  config: "ok" | "refuse" | "warn";
  /** How many times as fast the clock in a container goes. */
  clock: number;
  /** Only a container that has our variables behaves so. */
  onlyNew: boolean;
}

export const GOOD: Behaviour = {
  start: "ok",
  ready: true,
  turn: "ok",
  revokedKey: "none",
  config: "ok",
  clock: 1,
  onlyNew: true,
};
