import { randomBytes } from "node:crypto";
import { isObject } from "../http/message";

/** Longest part of a question that is repeated. */
const MAX_QUESTION = 120;

/** Fences that OpenClaw puts around its own context. It takes one out of an answer, which it can then not stream. */
const CONTEXT_FENCE = /<<<\w+>>>/g;

/** What a fake provider says: who it is, and the last thing that the user said. */
export function answerText(slug: string, model: string, question: string): string {
  const said = question.replace(CONTEXT_FENCE, "").trim();
  return `pong from ${slug}/${model}: ${said.slice(-MAX_QUESTION)}`;
}

/** A text in the pieces in which it is streamed: always several. */
export function pieces(text: string): string[] {
  const size = Math.max(1, Math.ceil(text.length / 4));
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [""];
}

/** Stands in for a tokenizer; nobody pays for it. */
export function tokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4));
}

/** An id in the form of the vendors: prefix and letters. */
export function vendorId(prefix: string): string {
  return prefix + randomBytes(12).toString("hex");
}

/** Seconds since 1970, as OpenAI-like APIs give times. */
export function epoch(): number {
  return Math.floor(Date.now() / 1000);
}

/** Text of a message's content: a string, or the texts among its parts. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((part) => (isObject(part) && typeof part.text === "string" ? [part.text] : []))
    .join("\n");
}

/** Text of the last message of the user. */
export function lastUserText(
  messages: readonly unknown[],
  textOf: (message: Record<string, unknown>) => string,
): string {
  const fromUser = messages.filter((message) => isObject(message) && message.role === "user");
  const last = fromUser.at(-1);
  return isObject(last) ? textOf(last) : "";
}
