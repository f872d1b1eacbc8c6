import { createHash } from "node:crypto";
import { isObject } from "../http/message";
import { contentText } from "./answer";

/**
 * Gemini's tool calls behind an API like OpenAI's, as OpenRouter has them: each call comes with an encrypted thought
 * signature in `reasoning_details`, and a later request that shows the call without it is refused.
 */

/** What a request with tools is answered by: a call of one, or what a tool said before. */
export type ToolTurn =
  | { readonly id: string; readonly name: string; readonly arguments: string; readonly details: unknown[] }
  | { readonly result: string };

/** `Call the tool read with {"path":"note.txt"}`: what a user writes to have that tool called. */
const WISH = /Call the tool (\w+) with (\{[^}]*\})/;

/** Undefined when nobody asked for a tool that there is. */
export function toolTurn(body: unknown): ToolTurn | undefined {
  const messages = messagesOf(body);
  const asked = messages.findLastIndex((message) => message.role === "user" && wishOf(message) !== undefined);
  const [, name = "", args = ""] = (asked < 0 ? undefined : wishOf(messages[asked] ?? {})) ?? [];
  if (!toolNames(body).includes(name)) return undefined;
  const answered = messages.slice(asked).findLast(({ role }) => role === "tool");
  if (answered) return { result: contentText(answered.content) };
  const id = `tool_0_${name}_${createHash("sha256").update(args).digest("hex").slice(0, 12)}`;
  return {
    id,
    name,
    arguments: args,
    details: [
      { type: "reasoning.text", text: "A tool knows.", format: FORMAT, index: 0 },
      { type: "reasoning.encrypted", data: signatureOf(id), id, format: FORMAT, index: 0 },
    ],
  };
}

/** What is wrong with the calls that a request shows from earlier; undefined when nothing is. */
export function lostSignature(body: unknown): string | undefined {
  for (const { tool_calls: calls, reasoning_details: details } of messagesOf(body)) {
    for (const call of Array.isArray(calls) ? calls.filter(isObject) : []) {
      const own = (Array.isArray(details) ? details.filter(isObject) : []).find(({ id }) => id === call.id);
      const name = isObject(call.function) ? String(call.function.name) : "";
      if (own?.type !== "reasoning.encrypted") {
        return `Function call is missing a thought_signature in functionCall parts: \`default_api:${name}\``;
      }
      if (own.data !== signatureOf(String(call.id)) || own.format !== FORMAT)
        return "Corrupted thought signature.";
    }
  }
  return undefined;
}

const FORMAT = "google-gemini-v1";

/** Opaque bytes to everybody else. */
function signatureOf(id: string): string {
  return createHash("sha512").update(`thought of ${id}`).digest("base64");
}

function messagesOf(body: unknown): Record<string, unknown>[] {
  return isObject(body) && Array.isArray(body.messages) ? body.messages.filter(isObject) : [];
}

function wishOf({ content }: Record<string, unknown>): RegExpExecArray | undefined {
  return WISH.exec(contentText(content)) ?? undefined;
}

function toolNames(body: unknown): unknown[] {
  const tools = isObject(body) && Array.isArray(body.tools) ? body.tools.filter(isObject) : [];
  return tools.map((tool) => (isObject(tool.function) ? tool.function.name : undefined));
}
