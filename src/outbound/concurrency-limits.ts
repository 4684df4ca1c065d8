/**
 * Limits for work that waits for hosts that clients chose: how much runs at once, how much of it for one host, and for
 * how long.
 */

export interface Bounds {
  /** Slots in all, and for one key. */
  readonly total: number;
  readonly each: number;
  /** How many may wait: of one key, and in all. */
  readonly waitingEach: number;
  readonly waiting: number;
  /** When all slots are taken and work is waiting, the oldest work is aborted once it has run for this long. */
  readonly fairMs: number;
  /** For waiting and work together. */
  readonly limitMs: number;
}

export interface Slots {
  /**
   * Runs `work` in a slot of `key`. The work must stop when `signal` aborts: its time is up, or its slot was given to
   * other work. Rejects at once then, and where too many are waiting already.
   */
  run<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Too much work at once: this work was not started, or was aborted for other work. */
export class NoSlotError extends Error {}

interface Slot {
  readonly key: string;
  readonly abort: AbortController;
  takenMs: number;
  begin(): void;
}

/** The bounds apply to this object alone. A key is a host, or a domain with all its subdomains. */
export function createSlots(bounds: Bounds): Slots {
  const waiting = createWaiting(bounds);
  const taken = createTaken();
  let timer: NodeJS.Timeout | undefined;

  /** Starts all waiting work that may start now. */
  function startWaiting(): void {
    const mayBegin = (key: string) => taken.count(key) < bounds.each;
    for (let next = waiting.first(mayBegin); next; next = waiting.first(mayBegin)) {
      if (taken.size() >= bounds.total && !evictOldest()) return;
      waiting.drop(next);
      taken.add(next);
      next.begin();
    }
  }

  /** Fast hosts are never the oldest for long, so that slow ones are evicted. False where the oldest may stay for now. */
  function evictOldest(): boolean {
    const oldest = taken.oldest();
    const leftMs = oldest ? oldest.takenMs + bounds.fairMs - performance.now() : 0;
    if (oldest && leftMs <= 0) {
      taken.free(oldest);
      oldest.abort.abort(new NoSlotError('it was slow, and gave way to others'));
      return true;
    }
    clearTimeout(timer);
    // One turn of the event loop later: answers that have arrived meanwhile are processed first.
    timer = setTimeout(() => setImmediate(startWaiting), leftMs).unref();
    return false;
  }

  return {
    async run(key, work) {
      const slot: Slot = { key, abort: new AbortController(), takenMs: 0, begin() {} };
      const late = new Error(`no answer within ${bounds.limitMs} ms`);
      const limit = setTimeout(() => slot.abort.abort(late), bounds.limitMs);
      const aborted = rejectOnAbort(slot.abort.signal);
      try {
        const begun = waiting.add(slot);
        startWaiting();
        await Promise.race([begun, aborted]);
        return await Promise.race([work(slot.abort.signal), aborted]);
      } finally {
        clearTimeout(limit);
        waiting.drop(slot);
        taken.free(slot);
        startWaiting();
      }
    },
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Waiting work. Keys take turns, so that much work of one key does not delay work of another. */
function createWaiting({ waiting: most, waitingEach }: Bounds) {
  /** The key whose turn is next comes first. */
  const queues = new Map<string, Slot[]>();
  let waiting = 0;
  return {
    /** Resolves when the work may start. Throws {@link NoSlotError} where too many wait. */
    add(slot: Slot): Promise<void> {
      const queue = queues.get(slot.key) ?? [];
      if (waiting >= most || queue.length >= waitingEach) {
        throw new NoSlotError('too many such requests are under way already');
      }
      waiting += 1;
      queues.set(slot.key, [...queue, slot]);
      return new Promise((resolve) => {
        slot.begin = resolve;
      });
    },
    drop(slot: Slot): void {
      const queue = queues.get(slot.key);
      if (!queue?.includes(slot)) return;
      waiting -= 1;
      // The key moves to the end: its next turn comes after those of all others.
      queues.delete(slot.key);
      const left = queue.filter((other) => other !== slot);
      if (left.length > 0) queues.set(slot.key, left);
    },
    first(mayBegin: (key: string) => boolean): Slot | undefined {
      for (const [key, [first]] of queues) if (mayBegin(key)) return first;
      return undefined;
    },
  };
}

/** Work that holds a slot, the oldest first. */
function createTaken() {
  const taken = new Set<Slot>();
  const counts = new Map<string, number>();
  const count = (key: string) => counts.get(key) ?? 0;
  return {
    count,
    size: () => taken.size,
    oldest(): Slot | undefined {
      const [oldest] = taken;
      return oldest;
    },
    add(slot: Slot): void {
      slot.takenMs = performance.now();
      taken.add(slot);
      counts.set(slot.key, count(slot.key) + 1);
    },
    free(slot: Slot): void {
      if (!taken.delete(slot)) return;
      const left = count(slot.key) - 1;
      if (left > 0) counts.set(slot.key, left);
      else counts.delete(slot.key);
    },
  };
}
