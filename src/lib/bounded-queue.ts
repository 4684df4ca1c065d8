/** The queue is full: say so to the caller, with a time after which to come back. */
export class QueueFullError extends Error {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('the queue is full');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface BoundedQueue {
  /**
   * Runs the work when a place is free, that of the lowest rank first. Throws {@link QueueFullError} at once where too many
   * wait whose rank is no higher, and later where its place went to others or its turn did not come in time.
   */
  run<T>(work: () => Promise<T>, rank?: number): Promise<T>;
  /** Whether {@link run} would take work of this rank now. */
  hasRoom(rank: number): boolean;
}

interface Waiting {
  readonly rank: number;
  /** How many had begun when it came. */
  readonly since: number;
  begin(): void;
  giveUp(): void;
}

/** Who was overtaken by so many times the queue gives up. */
const OVERTAKEN = 4;

/** At most `concurrency` works run at once and at most `capacity` wait, each for `longestWaitMs`. */
export function createBoundedQueue(options: {
  concurrency: number;
  capacity: number;
  longestWaitMs: number;
  retryAfterSeconds: number;
}): BoundedQueue {
  const { concurrency, capacity, longestWaitMs, retryAfterSeconds } = options;
  /** By rank, those of one rank as they came. */
  let waiting: Waiting[] = [];
  let running = 0;
  let begun = 0;

  const hasRoom = (rank: number) =>
    running < concurrency || waiting.length < capacity || (waiting.at(-1)?.rank ?? rank) > rank;

  function wait(rank: number): Promise<void> {
    if (waiting.length >= capacity) waiting.pop()?.giveUp();
    let timer: NodeJS.Timeout;
    return new Promise<void>((resolve, reject) => {
      const giveUp = () => reject(new QueueFullError(retryAfterSeconds));
      const one = { rank, since: begun, begin: resolve, giveUp };
      timer = setTimeout(() => {
        waiting = waiting.filter((other) => other !== one);
        giveUp();
      }, longestWaitMs);
      const behind = waiting.findIndex((other) => other.rank > rank);
      waiting.splice(behind < 0 ? waiting.length : behind, 0, one);
    }).finally(() => clearTimeout(timer));
  }

  function release(): void {
    begun += 1;
    const next = waiting.shift();
    if (next) next.begin();
    else running -= 1;
    const isOld = ({ since }: Waiting) => begun - since > OVERTAKEN * capacity;
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
