/** Files that a command is writing, to be removed if it is stopped before they are complete. */

const removals = new Set<() => void>();

/** {@link removeUnfinished} calls `remove`, until the returned function is called. */
export function registerUnfinished(remove: () => void): () => void {
  removals.add(remove);
  return () => void removals.delete(remove);
}

/** Removes what this process has begun and not finished, the latest first. */
export function removeUnfinished(): void {
  for (const remove of [...removals].reverse()) remove();
}
