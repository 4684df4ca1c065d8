/** What a command is making, and what nobody needs where it is stopped half-way. */

const removals = new Set<() => void>();

/** Until the function that it gives is called, {@link removeUnfinished} calls `remove`. */
export function ifStopped(remove: () => void): () => void {
  removals.add(remove);
  return () => void removals.delete(remove);
}

/** Takes away what this process has begun and not finished, the innermost first. */
export function removeUnfinished(): void {
  for (const remove of [...removals].reverse()) remove();
}

/** Lets a signal in that came while SQLite was at work and nothing else was. */
export function letSignalsIn(): Promise<void> {
  // The event loop asks for signals before the second one at the latest.
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
