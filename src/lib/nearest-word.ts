/** The known word with the fewest edits from the written one, or undefined if none is close. */
export function nearestWord(written: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((word) => ({ word, edits: editDistance(written.toLowerCase(), word.toLowerCase()) }))
    .sort((left, right) => left.edits - right.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(3, Math.floor(best.word.length / 2)) ? best.word : undefined;
}

const MOST_EDITS = 2;

/** The known word of which the written one is most likely a misspelling, or undefined. */
export function misspeltWord(written: string, known: readonly string[]): string | undefined {
  if (known.includes(written)) return undefined;
  // The word may come from a client: only known words of a similar length are compared.
  const near = known.filter((word) => Math.abs(word.length - written.length) <= MOST_EDITS);
  const nearest = nearestWord(written, near);
  if (nearest === undefined) return undefined;
  const allowed = nearest.length < 6 ? 1 : MOST_EDITS;
  return editDistance(written.toLowerCase(), nearest.toLowerCase()) <= allowed ? nearest : undefined;
}

/** Counts letters that are missing, added, replaced, or swapped with their neighbour. */
function editDistance(left: string, right: string): number {
  let [beforeLast, last] = [[] as number[], Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[right.length] ?? 0;
}
