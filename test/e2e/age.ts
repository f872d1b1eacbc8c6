import { resolve } from "node:path";
import { run } from "../../scripts/lib/run";

/** What the operator's own `age` does. In a process of its own, because jest loads no ECMAScript module. */

const root = resolve(__dirname, "../..");

async function program(text: string, input = ""): Promise<string> {
  const { exitCode, stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", text], {
    cwd: root,
    input,
  });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}

/** `age-keygen` */
export async function newIdentity(): Promise<{ identity: string; recipient: string }> {
  const lines = await program(`
    import { generateIdentity, identityToRecipient } from "age-encryption";
    const identity = await generateIdentity();
    console.log(identity + "\\n" + (await identityToRecipient(identity)));`);
  const [identity = "", recipient = ""] = lines.split("\n");
  return { identity, recipient };
}

/** `age -d -i identity file` */
export function decrypted(file: string, identity: string): Promise<string> {
  return program(
    `
    import { readFileSync } from "node:fs";
    import { armor, Decrypter } from "age-encryption";
    const { file, identity } = JSON.parse(readFileSync(0, "utf8"));
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    process.stdout.write(await decrypter.decrypt(armor.decode(readFileSync(file, "utf8")), "text"));`,
    JSON.stringify({ file, identity }),
  );
}
