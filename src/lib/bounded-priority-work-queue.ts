/** The queue is full: the caller is told when to try again. */
export class QueueFullError extends Error {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('the queue is full');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface BoundedQueue {
  /**
   * Runs the work when a place is free; the lowest rank runs first. Throws {@link QueueFullError} at once if the queue is
   * full of work whose rank is no higher, and later if work of a lower rank displaced it or it waited too long.
   */
  run<T>(work: () => Promise<T>, rank?: number): Promise<T>;
  /** Whether {@link run} would accept work of this rank now. */
  hasRoom(rank: number): boolean;
}

interface Waiting {
  readonly rank: number;
  /** How many works had been started from the queue when this one was added. */
  readonly startedBefore: number;
  begin(): void;
  giveUp(): void;
}

/** Waiting work is rejected after this many times `capacity` other works were started. */
const MOST_OVERTAKEN = 4;

/** At most `concurrency` works run at once and at most `capacity` wait, each for `longestWaitMs` at most. */
export function createBoundedQueue(options: {
  concurrency: number;
  capacity: number;
  longestWaitMs: number;
  retryAfterSeconds: number;
}): BoundedQueue {
  const { concurrency, capacity, longestWaitMs, retryAfterSeconds } = options;
  /** Sorted by rank, and within a rank by arrival. */
  let waiting: Waiting[] = [];
  let running = 0;
  let started = 0;

  const hasRoom = (rank: number) =>
    running < concurrency || waiting.length < capacity || (waiting.at(-1)?.rank ?? rank) > rank;

  function wait(rank: number): Promise<void> {
    if (waiting.length >= capacity) waiting.pop()?.giveUp();
    let timer: NodeJS.Timeout;
    return new Promise<void>((resolve, reject) => {
      const giveUp = () => reject(new QueueFullError(retryAfterSeconds));
      const one = { rank, startedBefore: started, begin: resolve, giveUp };
      timer = setTimeout(() => {
        waiting = waiting.filter((other) => other !== one);
        giveUp();
      }, longestWaitMs);
      const behind = waiting.findIndex((other) => other.rank > rank);
      waiting.splice(behind < 0 ? waiting.length : behind, 0, one);
    }).finally(() => clearTimeout(timer));
  }

  function release(): void {
    started += 1;
    const next = waiting.shift();
    if (next) next.begin();
    else running -= 1;
    const isOld = ({ startedBefore }: Waiting) => started - startedBefore > MOST_OVERTAKEN * capacity;
    for (const old of waiting.filter(isOld)) old.giveUp();
    waiting = waiting.filter((one) => !isOld(one));
  }

  return {
    hasRoom,
    async run(work, rank = 0) {
      if (!hasRoom(rank)) throw new QueueFullError(retryAfterSeconds);
      if (running < concurrency) running += 1;
      else await wait(rank);
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
