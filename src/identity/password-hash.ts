/** argon2id in a bounded queue of its own: above it, callers are told to come back (MEASURED: one shared pool). */
import { createBoundedQueue } from '../lib/queue.ts';
import type { Random } from '../lib/runtime.ts';
import type { Argon } from './argon.ts';

const QUEUE_CAPACITY = 64;
const RETRY_AFTER_SECONDS = 2;

export interface PasswordHasher {
  /** A PHC string. Throws QueueFullError where too many wait. */
  hash(password: string): Promise<string>;
  /** Verifies against the PHC string, or, without one, spends the same time and answers false (ASVS V6.3.8). */
  verify(phc: string | undefined, password: string): Promise<boolean>;
  close(): void;
}

/** At most `concurrency` passwords are hashed at once. */
export function createPasswordHasher(random: Random, argon: Argon, concurrency: number): PasswordHasher {
  const queue = createBoundedQueue({
    concurrency,
    capacity: QUEUE_CAPACITY,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
  let decoy: Promise<string> | undefined;

  async function verify(phc: string | undefined, password: string): Promise<boolean> {
    decoy ??= argon.hash(random.bytes(32).toString('base64url'));
    const wanted = phc ?? (await decoy);
    const matches = await argon.verify(wanted, password);
    return matches && phc !== undefined;
  }

  return {
    hash: (password) => queue.run(() => argon.hash(password)),
    verify: (phc, password) => queue.run(() => verify(phc, password)),
    close: () => argon.close(),
  };
}
