/** Lets signals be handled before the next step. */

/** Lets the event loop handle signals that arrived while SQLite blocked it. */
export function handlePendingSignals(): Promise<void> {
  // Signals are delivered before the second setImmediate at the latest.
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
