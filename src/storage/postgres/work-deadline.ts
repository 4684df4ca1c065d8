/** The time limit of one piece of work. */

export interface Deadline {
  readonly hasPassed: boolean;
  /** Sets the function to call when the deadline passes; a later call replaces an earlier one. */
  whenPassed(act: () => void): void;
  /** Removes the limit. */
  lift(): void;
}

/** `limitMs` Infinity never passes. */
export function startDeadline(limitMs: number): Deadline {
  let act: (() => void) | undefined;
  let hasPassed = false;
  let isLifted = limitMs === Number.POSITIVE_INFINITY;
  function pass(): void {
    if (isLifted) return;
    hasPassed = true;
    act?.();
  }
  // setImmediate: after a pause of this process, data that the sockets already hold is read first.
  const timer = isLifted ? undefined : setTimeout(() => setImmediate(pass), Math.max(0, limitMs));
  return {
    get hasPassed() {
      return hasPassed;
    },
    whenPassed(next) {
      act = next;
    },
    lift() {
      isLifted = true;
      clearTimeout(timer);
    },
  };
}
