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
const LONGEST_PIECE = 32;

/** The piece whose replacement saves the most characters; the first of those that save the same. */
function bestPiece(text: string): string | undefined {
  let best: string | undefined;
  // The list of signs grows too.
  let bestSaved = 1;
  let starts = [...text].map((_, index) => index);
  for (let length = 2; length <= LONGEST_PIECE; length++) {
    const counts = countPieces(text, starts, length);
    for (const [piece, { count }] of counts) {
      const saved = count * (length - 1) - length - 1;
      if (saved > bestSaved) [best, bestSaved] = [piece, saved];
    }
    // What comes once does not come twice when it is longer.
    starts = starts.filter((start) => (counts.get(text.slice(start, start + length))?.count ?? 0) > 1);
  }
  return best;
}

/** How often each piece of that length comes among those that begin at `starts`, without overlaps. */
function countPieces(
  text: string,
  starts: readonly number[],
  length: number,
): Map<string, { count: number; end: number }> {
  const counts = new Map<string, { count: number; end: number }>();
  for (const start of starts) {
    if (start + length > text.length) continue;
    const piece = text.slice(start, start + length);
    const seen = counts.get(piece);
    if (seen === undefined) counts.set(piece, { count: 1, end: start + length });
    else if (start >= seen.end) {
      seen.count += 1;
      seen.end = start + length;
    }
  }
  return counts;
}
