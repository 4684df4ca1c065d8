/** How a process hashes passwords: a server on most of its cores, a command by itself. */
import { availableParallelism } from 'node:os';
import type { Random } from '../../lib/clock-and-random.ts';
import type { PasswordHasher } from '../context.ts';
import { argonHere } from './argon.ts';
import { createHashingChild } from './hashing-child.ts';
import { createPasswordHasher } from './password-hash.ts';

/**
 * A server hashes in a child of low priority on all its cores but one: passwords fill the memory's caches too, which no
 * priority gives back (token p99 beside sign-ins 1.5 ms; on all cores 3.3). A command hashes here, one at a time.
 * `serverProcesses`: so many share the cores; undefined for a command.
 */
export function createHasherFor(serverProcesses: number | undefined, random: Random): PasswordHasher {
  if (serverProcesses === undefined) return createPasswordHasher(random, argonHere, 1);
  const threads = Math.max(1, Math.floor(availableParallelism() / serverProcesses) - 1);
  // One more is under way than is hashed: no thread waits for its next.
  return createPasswordHasher(random, createHashingChild(threads), threads + 1);
}
