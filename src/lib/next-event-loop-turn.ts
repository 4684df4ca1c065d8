/** Resolves in the next turn of the event loop, after everything that is pending in this one. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
