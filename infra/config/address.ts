import { z } from "zod";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An http(s) address; plain http is for loopback alone, since every request carries a secret. */
function isSafeUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.search !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
}

export const address = z.string().refine(isSafeUrl, "is not such an address");

/** Scheme, host and port alone. */
export const origin = address
  .refine((text) => !URL.canParse(text) || new URL(text).pathname === "/", "has a path")
  .transform((text) => (URL.canParse(text) ? new URL(text).origin : text));
