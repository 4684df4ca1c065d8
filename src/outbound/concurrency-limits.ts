/** Room for work that waits for strangers: so much at once, so much of it for one of them, and never for long. */

export interface Bounds {
  /** In all, and for one key. */
  readonly total: number;
  readonly each: number;
  /** So many wait of one key, and so many in all. */
  readonly waitingEach: number;
  readonly waiting: number;
  /** Where all places are taken, the oldest gives way to who waits once it had its place for so long. */
  readonly fairMs: number;
  /** For the work, with what it waited. */
  readonly limitMs: number;
}

export interface Places {
  /**
   * Does the work in a place of `key`. It must stop when `over` aborts: time is up, or the place went to another. Rejects
   * then at once, and where too many wait already.
   */
  run<T>(key: string, work: (over: AbortSignal) => Promise<T>): Promise<T>;
}

/** There are too many at once: it was not begun, or gave way. */
export class NoPlaceError extends Error {}

interface Place {
  readonly key: string;
  readonly over: AbortController;
  takenMs: number;
  begin(): void;
}

/** The bounds hold for this object alone. A key is a host, or a domain with everything below it. */
export function createPlaces(bounds: Bounds): Places {
  const waiting = createWaiting(bounds);
  const taken = createTaken();
  let timer: NodeJS.Timeout | undefined;

  /** Begins whatever can begin now. */
  function settle(): void {
    const mayBegin = (key: string) => taken.count(key) < bounds.each;
    for (let next = waiting.first(mayBegin); next; next = waiting.first(mayBegin)) {
      if (taken.size() >= bounds.total && !pushOut()) return;
      waiting.drop(next);
      taken.add(next);
      next.begin();
    }
  }

  /** Whoever answers soon is never the oldest for long: it is the slow ones who give way. */
  function pushOut(): boolean {
    const oldest = taken.oldest();
    const leftMs = oldest ? oldest.takenMs + bounds.fairMs - performance.now() : 0;
    if (oldest && leftMs <= 0) {
      taken.free(oldest);
      oldest.over.abort(new NoPlaceError('it was slow, and gave way to others'));
      return true;
    }
    clearTimeout(timer);
    // After a turn of the event loop: who was answered meanwhile is heard first.
    timer = setTimeout(() => setImmediate(settle), leftMs).unref();
    return false;
  }

  return {
    async run(key, work) {
      const place: Place = { key, over: new AbortController(), takenMs: 0, begin() {} };
      const late = new Error(`no answer within ${bounds.limitMs} ms`);
      const limit = setTimeout(() => place.over.abort(late), bounds.limitMs);
      const over = aborted(place.over.signal);
      try {
        const begun = waiting.add(place);
        settle();
        await Promise.race([begun, over]);
        return await Promise.race([work(place.over.signal), over]);
      } finally {
        clearTimeout(limit);
        waiting.drop(place);
        taken.free(place);
        settle();
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Who waits. Keys take turns, so that many of one do not stand before one of another. */
function createWaiting({ waiting: most, waitingEach }: Bounds) {
  /** The key whose turn it is first. */
  const queues = new Map<string, Place[]>();
  let waiting = 0;
  return {
    /** Resolves when it begins. Throws {@link NoPlaceError} where too many wait. */
    add(place: Place): Promise<void> {
      const queue = queues.get(place.key) ?? [];
      if (waiting >= most || queue.length >= waitingEach) {
        throw new NoPlaceError('too many such requests are under way already');
      }
      waiting += 1;
      queues.set(place.key, [...queue, place]);
      return new Promise((resolve) => {
        place.begin = resolve;
      });
    },
    drop(place: Place): void {
      const queue = queues.get(place.key);
      if (!queue?.includes(place)) return;
      waiting -= 1;
      // Its key's next turn comes after those of all others.
      queues.delete(place.key);
      const left = queue.filter((other) => other !== place);
      if (left.length > 0) queues.set(place.key, left);
    },
    first(mayBegin: (key: string) => boolean): Place | undefined {
      for (const [key, [first]] of queues) if (mayBegin(key)) return first;
      return undefined;
    },
  };
}

/** Who has a place, the oldest first. */
function createTaken() {
  const taken = new Set<Place>();
  const counts = new Map<string, number>();
  const count = (key: string) => counts.get(key) ?? 0;
  return {
    count,
    size: () => taken.size,
    oldest(): Place | undefined {
      const [oldest] = taken;
      return oldest;
    },
    add(place: Place): void {
      place.takenMs = performance.now();
      taken.add(place);
      counts.set(place.key, count(place.key) + 1);
    },
    free(place: Place): void {
      if (!taken.delete(place)) return;
      const left = count(place.key) - 1;
      if (left > 0) counts.set(place.key, left);
      else counts.delete(place.key);
    },
  };
}
