/** A run that did what it was told, and said this. */
export const done = (text: string) => ({ code: 0, output: expect.stringContaining(text) });

/** A run that did not, and said this. */
export const failed = (text: string) => ({ code: 1, output: expect.stringContaining(text) });

/** Of a machine's tree what is there beside our own directory. */
export function operatorsPart(tree: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tree).filter(([path]) => !path.startsWith(".openclaw-ai-gateway")),
  );
}
