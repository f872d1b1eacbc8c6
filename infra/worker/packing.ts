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

/**
 * The piece whose replacement saves the most characters; the first of those that save the same. Every run of the stack
 * packs, so pieces are not cut out to be counted: those of one length are numbered by that of their beginning and
 * their last character.
 */
function bestPiece(text: string): string | undefined {
  let best: string | undefined;
  // The list of signs grows too.
  let bestSaved = 1;
  let starts = Array.from(text, (_, index) => index);
  const numbers = starts.map((start) => text.charCodeAt(start));
  for (let length = 2; length <= LONGEST_PIECE; length++) {
    const pieces = countPieces(text, starts, length, numbers);
    for (const { count, first } of pieces) {
      const saved = count * (length - 1) - length - 1;
      if (saved > bestSaved) [best, bestSaved] = [text.slice(first, first + length), saved];
    }
    // What comes once does not come twice when it is longer.
    starts = starts.filter((start) => (pieces[numbers[start] ?? -1]?.count ?? 0) > 1);
  }
  return best;
}

interface Piece {
  readonly first: number;
  /** How often it comes, without overlaps. */
  count: number;
  /** Where the last one ends. */
  end: number;
}

/** The pieces of that length that begin at `starts`; `numbers` has those of one character less, and gets theirs. */
function countPieces(text: string, starts: readonly number[], length: number, numbers: number[]): Piece[] {
  const pieces: Piece[] = [];
  const numberOf = new Map<number, number>();
  for (const start of starts) {
    const end = start + length;
    const key = (numbers[start] ?? 0) * 0x10000 + text.charCodeAt(end - 1);
    const number = numberOf.get(key);
    const piece = pieces[number ?? -1];
    numbers[start] = number ?? pieces.length;
    if (end > text.length) numbers[start] = -1;
    else if (piece === undefined) numberOf.set(key, pieces.push({ first: start, count: 1, end }) - 1);
    else if (start >= piece.end) {
      piece.count += 1;
      piece.end = end;
    }
  }
  return pieces;
}
