const MINUTE = 60_000;

let failedStep: string | undefined;

/**
 * One step of a file whose steps build on each other, in order. When an earlier one failed, the state it would need is
 * not there: it fails at once instead of misleading.
 */
export function step(name: string, work: () => Promise<void>, minutes = 10): void {
  test(
    name,
    async () => {
      if (failedStep !== undefined) throw new Error(`not run: "${failedStep}" failed before it`);
      failedStep = name;
      await work();
      failedStep = undefined;
    },
    minutes * MINUTE,
  );
}
