/** argon2id itself, without a queue. */
import type { Algorithm } from '@node-rs/argon2';

const ARGON2ID: Algorithm = 2;
/** OWASP: 19 MiB, t=2, p=1. */
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

/** Hashes in this process, or in a child (hash-in-child-process.ts). */
export interface Argon {
  /** A PHC string. */
  hash(password: string): Promise<string>;
  verify(phc: string, password: string): Promise<boolean>;
  close(): void;
}

/** Loaded with the first password: a server whose child hashes all passwords never loads it. */
const load = () => import('@node-rs/argon2');

export const argonHere: Argon = {
  hash: async (password) => (await load()).hash(password, OPTIONS),
  verify: async (phc, password) => (await load()).verify(phc, password),
  close() {},
};

/** The message to the child. Without `phc` the password is hashed, with it verified. */
export interface HashingQuestion {
  readonly id: number;
  readonly phc: string | undefined;
  readonly password: string;
}

/** Without `phc` it hashes the password and gives a PHC string; with `phc` it gives whether the password matches it. */
export function askArgon(argon: Argon, phc: string | undefined, password: string): Promise<string | boolean> {
  return phc === undefined ? argon.hash(password) : argon.verify(phc, password);
}
