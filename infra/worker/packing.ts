/**
 * Packing of text that repeats itself, such as the provider table as JSON: pieces that come often are replaced by a
 * sign each. All providers together then take a third of the room in the Worker, and unpacking is a loop of two lines.
 */

/** The text that was packed. */
export function unpack(packed: string): string {
  const [signs = "", body = ""] = packed.split("\n");
  let text = body;
  for (const sign of signs) {
    const parts = text.split(sign);
    // The piece that the sign stands for was put at the end, behind one more sign.
    text = parts.join(parts.pop());
  }
  return text;
}

/** Characters that may be signs where the text does not have them: printable, and the same in any string literal. */
const SIGNS = "~^!#$%&'()*+;<=>|0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZjqz";

/** Packs one line of text, the piece that saves the most first. The first line of the result names the signs used. */
export function pack(text: string): string {
  let packed = text;
  let used = "";
  for (const sign of SIGNS) {
    if (text.includes(sign)) continue;
    const piece = bestPiece(packed);
    if (piece === undefined) break;
    packed = packed.split(piece).join(sign) + sign + piece;
    used = sign + used;
  }
  return `${used}\n${packed}`;
}

/** No longer piece is looked for: it is made of shorter ones in two steps. */
const LONGEST_PIECE = 24;

/** The piece whose replacement saves the most characters; the first of those that save the same. */
function bestPiece(text: string): string | undefined {
  const counts = new Map<string, { count: number; end: number }>();
  for (let start = 0; start < text.length; start++) {
    for (let length = 2; length <= LONGEST_PIECE && start + length <= text.length; length++) {
      const piece = text.slice(start, start + length);
      const seen = counts.get(piece) ?? { count: 0, end: 0 };
      // Overlapping occurrences can be replaced only once.
      if (start >= seen.end) counts.set(piece, { count: seen.count + 1, end: start + length });
    }
  }
  let best: string | undefined;
  // The list of signs grows too.
  let bestSaved = 1;
  for (const [piece, { count }] of counts) {
    const saved = count * (piece.length - 1) - piece.length - 1;
    if (saved > bestSaved) [best, bestSaved] = [piece, saved];
  }
  return best;
}
