import { createDecipheriv, pbkdf2Sync } from "node:crypto";

/** What `openssl enc -aes-256-cbc -pbkdf2` begins with, before eight bytes of salt. */
const MAGIC = "Salted__";
/** Its default. */
const ITERATIONS = 10_000;

/**
 * Opens what the host program's `seal` closed.
 *
 * @throws Error when it was closed with another pass phrase, or is not whole
 */
export function unseal(sealed: Buffer, passPhrase: string): string {
  if (sealed.subarray(0, 8).toString("latin1") !== MAGIC) throw new Error("not sealed by the host program");
  const derived = pbkdf2Sync(passPhrase, sealed.subarray(8, 16), ITERATIONS, 48, "sha256");
  const decipher = createDecipheriv("aes-256-cbc", derived.subarray(0, 32), derived.subarray(32));
  return Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]).toString();
}
