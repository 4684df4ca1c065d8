/** argon2id in a bounded queue of its own: above it, callers are told to come back (MEASURED: one shared pool). */
import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { createBoundedQueue } from '../lib/queue.ts';
import type { Random } from '../lib/runtime.ts';

/** OWASP: 19 MiB, t=2, p=1. */
const OPTIONS = { type: argon2.argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;
const QUEUE_CAPACITY = 64;
const RETRY_AFTER_SECONDS = 2;

export interface PasswordHasher {
  /** A PHC string. Throws QueueFullError where too many wait. */
  hash(password: string): Promise<string>;
  /** Verifies against the PHC string, or, without one, spends the same time and answers false (ASVS V6.3.8). */
  verify(phc: string | undefined, password: string): Promise<boolean>;
}

/** `processes` of this machine share its cores. */
export function createPasswordHasher(random: Random, processes: number): PasswordHasher {
  const queue = createBoundedQueue({
    // One core stays free for everything else: with more, token p99 goes from 2 to 16 ms.
    concurrency: Math.max(1, Math.floor((availableParallelism() - 1) / processes)),
    capacity: QUEUE_CAPACITY,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
  let decoy: Promise<string> | undefined;

  async function verify(phc: string | undefined, password: string): Promise<boolean> {
    decoy ??= argon2.hash(random.bytes(32), OPTIONS);
    const wanted = phc ?? (await decoy);
    const matches = await argon2.verify(wanted, password);
    return matches && phc !== undefined;
  }

  return {
    hash: (password) => queue.run(() => argon2.hash(password, OPTIONS)),
    verify: (phc, password) => queue.run(() => verify(phc, password)),
  };
}
