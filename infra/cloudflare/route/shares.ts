import { MAX_BRANCHES } from "./elements";

/** A part of the requests and where it goes. */
export interface Branch<To> {
  /** Whole percent of the requests. */
  readonly percent: number;
  readonly to: To;
}

/**
 * The same division of the requests with no share twice: the gateway keys the branches of a percentage node by their
 * share, so two of 50% cannot stand side by side. One of them becomes 49% and 1% with the same target.
 *
 * @throws Error when that takes more branches than a node may have, or shares are too small to be divided
 */
export function distinctShares<To>(branches: readonly Branch<To>[]): Branch<To>[] {
  const taken = new Set(branches.map(({ percent }) => percent));
  const distinct = branches.flatMap((branch, index) => {
    const isFirst = branches.findIndex(({ percent }) => percent === branch.percent) === index;
    return isFirst ? [branch] : divide(branch, taken);
  });
  if (distinct.length <= MAX_BRANCHES || branches.length > MAX_BRANCHES) return distinct;
  throw new Error(
    `The shares ${branches.map(({ percent }) => `${percent}%`).join(", ")} need ${distinct.length} branches to be told apart; ` +
      `at most ${MAX_BRANCHES} are allowed. Make the equal ones differ by 1%.`,
  );
}

/** One share as two that are not taken yet. */
function divide<To>({ percent, to }: Branch<To>, taken: Set<number>): Branch<To>[] {
  for (let small = 1; small < percent - small; small++) {
    const large = percent - small;
    if (taken.has(small) || taken.has(large)) continue;
    taken.add(small).add(large);
    return [
      { percent: large, to },
      { percent: small, to },
    ];
  }
  throw new Error(
    `Two branches of a split have ${percent}%, and the gateway tells branches apart by their share. Make them differ by 1%.`,
  );
}
