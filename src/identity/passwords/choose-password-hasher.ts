/** Chooses how a process hashes passwords: a server in a child on most of its cores, a command in its own process. */
import { availableParallelism } from 'node:os';
import type { Random } from '../../lib/clock-and-random.ts';
import type { PasswordHasher } from '../context.ts';
import { argonHere } from './argon.ts';
import { createHashingChild } from './hash-in-child-process.ts';
import { createPasswordHasher } from './queued-password-hasher.ts';

/**
 * A server hashes in a child of low priority on all its cores but one: hashing also evicts the processor's caches, which a low
 * priority does not prevent (token p99 during sign-ins: 1.5 ms; with all cores 3.3 ms). A command hashes in its own
 * process, one password at a time. `serverProcesses`: the number that share the cores; undefined for a command.
 */
export function createHasherFor(serverProcesses: number | undefined, random: Random): PasswordHasher {
  if (serverProcesses === undefined) return createPasswordHasher(random, argonHere, 1);
  const threads = Math.max(1, Math.floor(availableParallelism() / serverProcesses) - 1);
  // One more than the threads, so that no thread waits for its next password.
  return createPasswordHasher(random, createHashingChild(threads), threads + 1);
}
