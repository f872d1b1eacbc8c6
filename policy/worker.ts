import { WorkersScript, WorkersScriptSubdomain } from "@pulumi/cloudflare";
import { type ResourceValidationPolicy, UnknownValueError, validateResourceOfType } from "@pulumi/policy";
import { vendorOfKey } from "../infra/llm-providers";

const previewsOff: ResourceValidationPolicy = {
  name: "worker-previews-off",
  description: "No preview address serves a version of the Worker that was replaced.",
  enforcementLevel: "mandatory",
  validateResource: validateResourceOfType(WorkersScriptSubdomain, ({ previewsEnabled }, _, report) => {
    if (previewsEnabled !== false) {
      report(
        `previewsEnabled is ${previewsEnabled ?? "not set"}: old versions, with their secrets, stay reachable. Set it to false.`,
      );
    }
  }),
};

/** A name that says it, the shape of a provider's key, or a token as this project and Cloudflare make them. */
const SECRET_NAME = /(^|_)(KEY|TOKENS?|SECRET|PASSWORD|CREDENTIALS?)(_|$)/i;
const TOKEN = /\bocg_[A-Za-z0-9]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** What is readable in the dashboard and by the API. */
const READABLE = ["plain_text", "json"];

const secretBindings: ResourceValidationPolicy = {
  name: "worker-secrets-in-secret-bindings",
  description: "No binding that can be read back holds a secret.",
  enforcementLevel: "mandatory",
  validateResource: validateResourceOfType(WorkersScript, ({ bindings }, _, report) => {
    for (const binding of bindings ?? []) {
      const { name, type } = binding;
      if (!READABLE.includes(type)) continue;
      if (!SECRET_NAME.test(name) && !isSecret(whenKnown(() => binding.text ?? binding.json))) continue;
      // Never the value itself: reports are printed.
      report(
        `The binding ${name} is ${type}, which anyone with access to the account can read, and looks like a secret. ` +
          "Make it secret_text.",
      );
    }
  }),
};

function isSecret(value = ""): boolean {
  return TOKEN.test(value) || vendorOfKey(value) !== undefined;
}

/** At preview some values are not known yet; they are checked at `up`. */
function whenKnown<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

export const workerPolicies = [previewsOff, secretBindings];
