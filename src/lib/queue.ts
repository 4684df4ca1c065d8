/** The queue is full: say so to the caller, with a time after which to come back. */
export class QueueFullError extends Error {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('the queue is full');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface BoundedQueue {
  /** Runs the work when a place is free. Throws {@link QueueFullError} at once where too many wait. */
  run<T>(work: () => Promise<T>): Promise<T>;
  readonly waiting: number;
}

/** At most `concurrency` works run at once and at most `capacity` wait. */
export function createBoundedQueue(options: {
  concurrency: number;
  capacity: number;
  retryAfterSeconds: number;
}): BoundedQueue {
  const waiting: (() => void)[] = [];
  let running = 0;

  const release = () => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  return {
    get waiting() {
      return waiting.length;
    },
    async run(work) {
      if (running < options.concurrency) running += 1;
      else if (waiting.length >= options.capacity) throw new QueueFullError(options.retryAfterSeconds);
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
