/** The known word with the fewest edits to what was written, or undefined where none is close. */
export function nearestWord(written: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((word) => ({ word, edits: editDistance(written.toLowerCase(), word.toLowerCase()) }))
    .sort((left, right) => left.edits - right.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(3, Math.floor(best.word.length / 2)) ? best.word : undefined;
}

const MOST_SLIPS = 2;

/** The known word that was meant, where the written one is so near that it can hardly be one of its own. */
export function misspeltWord(written: string, known: readonly string[]): string | undefined {
  if (known.includes(written)) return undefined;
  // Strangers write it too: no more is compared than can be near.
  const near = known.filter((word) => Math.abs(word.length - written.length) <= MOST_SLIPS);
  const nearest = nearestWord(written, near);
  if (nearest === undefined) return undefined;
  const slips = nearest.length < 6 ? 1 : MOST_SLIPS;
  return editDistance(written.toLowerCase(), nearest.toLowerCase()) <= slips ? nearest : undefined;
}

/** Letters that are missing, too many, another, or in the place of their neighbour. */
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
