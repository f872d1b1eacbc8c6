import { cpSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT, checkoutFiles } from "./checkout-files";

/** A copy of this checkout as it is, with the same packages, in a temporary directory that the caller removes. */
export function copyCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), "openclaw-checkout-"));
  for (const file of checkoutFiles()) cpSync(join(CHECKOUT, file), join(copy, file));
  symlinkSync(join(CHECKOUT, "node_modules"), join(copy, "node_modules"));
  return copy;
}
