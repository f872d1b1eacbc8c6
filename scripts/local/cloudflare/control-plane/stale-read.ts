import { ApiError } from "./api-error";
import type { Call, Endpoint, Reply } from "./call";

/**
 * What a GET answered before the last write that it would show: the newest earlier state in which the answer is another
 * one than now. The present answer when there is none.
 *
 * @throws ApiError when the answer was a refusal.
 */
export async function staleRead(endpoint: Endpoint, call: Call): Promise<Reply> {
  const present = await outcome(endpoint, call);
  for (const store of call.store.past()) {
    const earlier = await outcome(endpoint, { ...call, store });
    if (JSON.stringify(earlier) !== JSON.stringify(present)) return settle(earlier);
  }
  return settle(present);
}

async function outcome(endpoint: Endpoint, call: Call): Promise<Reply | ApiError> {
  try {
    return await endpoint.handle(call);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

function settle(outcome: Reply | ApiError): Reply {
  if (outcome instanceof ApiError) throw outcome;
  return outcome;
}
