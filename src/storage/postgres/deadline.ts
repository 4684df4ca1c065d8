/** The time that one piece of work has. */

export interface Deadline {
  readonly hasPassed: boolean;
  /** What to do at the moment it passes; a later call replaces an earlier one. */
  whenPassed(act: () => void): void;
  /** From now on there is no limit. */
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
  // After a pause of our own process, what the sockets hold is read first.
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
