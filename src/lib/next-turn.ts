/** Resolves in the next turn of the event loop: what waits in this one comes first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
