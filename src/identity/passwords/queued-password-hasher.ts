/** argon2id in its own bounded queue; when it is full, callers are told to try again later (decision 0018). */
import { createBoundedQueue, QueueFullError } from '../../lib/bounded-priority-work-queue.ts';
import type { Random } from '../../lib/clock-and-random.ts';
import type { PasswordHasher } from '../context.ts';
import type { Argon } from './argon.ts';

const QUEUE_CAPACITY = 64;
/** Less than the idle limit of a socket (socketTimes), so that the caller gets an answer before the socket is closed. */
const LONGEST_WAIT_MS = 5500;
const RETRY_AFTER_SECONDS = 2;

/** At most `concurrency` passwords are hashed at once. */
export function createPasswordHasher(random: Random, argon: Argon, concurrency: number): PasswordHasher {
  const queue = createBoundedQueue({
    concurrency,
    capacity: QUEUE_CAPACITY,
    longestWaitMs: LONGEST_WAIT_MS,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
  let decoy: Promise<string> | undefined;

  /** Made with the first password of any user. No caller may be waiting for it, so a failure is caught; the next call retries. */
  function prepareDecoy(): Promise<string> {
    if (decoy) return decoy;
    const made = argon.hash(random.bytes(32).toString('base64url'));
    made.catch(() => {
      decoy = undefined;
    });
    decoy = made;
    return made;
  }

  async function verify(phc: string | undefined, password: string): Promise<boolean> {
    const prepared = prepareDecoy();
    const wanted = phc ?? (await prepared);
    const matches = await argon.verify(wanted, password);
    return matches && phc !== undefined;
  }

  return {
    hash: (password, rank) => queue.run(() => argon.hash(password), rank),
    verify: (phc, password, rank) => queue.run(() => verify(phc, password), rank),
    refuseFull(rank) {
      if (!queue.hasRoom(rank)) throw new QueueFullError(RETRY_AFTER_SECONDS);
    },
    close: () => argon.close(),
  };
}
