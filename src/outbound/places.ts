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

export function createPlaces(bounds: Bounds): Places {
  /** The oldest first. */
  const taken = new Set<Place>();
  const takenOf = new Map<string, number>();
  /** Whose turn it is first: keys take turns, so that many of one do not stand before one of another. */
  const queues = new Map<string, Place[]>();
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;

  function enqueue(place: Place): Promise<void> {
    const queue = queues.get(place.key) ?? [];
    if (waiting >= bounds.waiting || queue.length >= bounds.waitingEach) {
      throw new NoPlaceError('too many such requests are under way already');
    }
    waiting += 1;
    queues.set(place.key, [...queue, place]);
    return new Promise((resolve) => {
      place.begin = resolve;
    });
  }

  /** Begins whatever can begin now. */
  function settle(): void {
    for (let next = findNext(); next; next = findNext()) {
      if (taken.size >= bounds.total && !pushOut()) return;
      take(next);
    }
  }

  function findNext(): Place | undefined {
    for (const [key, [first]] of queues) {
      if ((takenOf.get(key) ?? 0) < bounds.each) return first;
    }
    return undefined;
  }

  /** Whoever answers soon is never the oldest for long: it is the slow ones who give way. */
  function pushOut(): boolean {
    const [oldest] = taken;
    const leftMs = oldest ? oldest.takenMs + bounds.fairMs - performance.now() : 0;
    if (oldest && leftMs <= 0) {
      free(oldest);
      oldest.over.abort(new NoPlaceError('it was slow, and gave way to others'));
      return true;
    }
    clearTimeout(timer);
    // After a turn of the event loop: who was answered meanwhile is heard first.
    timer = setTimeout(() => setImmediate(settle), leftMs).unref();
    return false;
  }

  function take(place: Place): void {
    dequeue(place);
    place.takenMs = performance.now();
    taken.add(place);
    takenOf.set(place.key, (takenOf.get(place.key) ?? 0) + 1);
    place.begin();
  }

  function dequeue(place: Place): void {
    const queue = queues.get(place.key);
    if (!queue?.includes(place)) return;
    waiting -= 1;
    // Its key's next turn comes after those of all others.
    queues.delete(place.key);
    if (queue.length > 1)
      queues.set(
        place.key,
        queue.filter((other) => other !== place),
      );
  }

  function free(place: Place): void {
    if (!taken.delete(place)) return;
    const left = (takenOf.get(place.key) ?? 1) - 1;
    if (left > 0) takenOf.set(place.key, left);
    else takenOf.delete(place.key);
  }

  return {
    async run(key, work) {
      const place: Place = { key, over: new AbortController(), takenMs: 0, begin() {} };
      const { signal } = place.over;
      const late = new Error(`no answer within ${bounds.limitMs} ms`);
      const limit = setTimeout(() => place.over.abort(late), bounds.limitMs);
      const over = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      try {
        const begun = enqueue(place);
        settle();
        await Promise.race([begun, over]);
        return await Promise.race([work(signal), over]);
      } finally {
        clearTimeout(limit);
        dequeue(place);
        free(place);
        settle();
      }
    },
  };
}
