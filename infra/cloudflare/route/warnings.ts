import type { RouteElement } from "./elements";
import { COMPAT_PROVIDERS } from "./providers";
import type { RouteProblem } from "./validate";

/** Below this a time-out is more likely meant in seconds. */
const SHORTEST_USUAL_TIMEOUT_MS = 1_000;

/** What is allowed and has been reported to go wrong, or is unlikely to be meant. */
export function routeWarnings(elements: readonly RouteElement[]): RouteProblem[] {
  return elements.flatMap((element, index): RouteProblem[] => {
    if (element.type === "percentage") {
      const problem = `'${element.id}' is a percentage node; these have been reported to fail at request time with error 2005`;
      return [{ path: [index, "type"], problem }];
    }
    if (element.type !== "model") return [];
    const { provider, timeout } = element.properties;
    const warnings: RouteProblem[] = [];
    if (!COMPAT_PROVIDERS.includes(provider)) {
      const problem = `'${provider}' is not among the providers that /compat lists; such a node has been reported to fail at request time with error 2005 or 2008`;
      warnings.push({ path: [index, "properties", "provider"], problem });
    }
    if (timeout < SHORTEST_USUAL_TIMEOUT_MS) {
      const problem = `${timeout} ms is very short; the time-out is in milliseconds`;
      warnings.push({ path: [index, "properties", "timeout"], problem });
    }
    return warnings;
  });
}
