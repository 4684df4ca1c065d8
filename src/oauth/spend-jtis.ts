/** What a request shows that is good for once: the jti of an assertion, or of a proof of a key. RFC 7523 §3, RFC 9449 §11.1 */

import { type Checked, PASSED, type Refusal } from '../lib/outcome.ts';
import { sha256 } from '../lib/sha256-and-hmac.ts';
import { timePrefix } from '../lib/time-ordered-ids-and-secrets.ts';
import type { Tx } from '../storage/database.ts';
import { spendJti } from '../storage/tables/spent-jtis.ts';
import type { OAuthErrorCode } from './errors.ts';

declare const isSpendable: unique symbol;

/** Verified, and not spent yet. Made by {@link spendable} alone. */
export interface Spendable {
  readonly [isSpendable]: true;
  readonly jti_key: string;
  readonly expires_at: number;
  /** What is told where it was shown before. */
  readonly replayed: Refusal<OAuthErrorCode>;
}

/** The word of what may be shown again. */
export const NOTHING_TO_SPEND: readonly Spendable[] = [];

/**
 * `named` says whose it is and what it is; from `expires_at`, in milliseconds, it is refused by itself. That comes from what
 * was shown, not from now: shown again it must be the same. A client that signs the same jti with another `exp` has made
 * another JWT, which is accepted: the key begins with the end, so that rows are written and cleaned up in one place of the
 * index, and to look for the jti alone would take a second index in which each request writes at a random place. RFC 7523
 * §3 is after who shows what another signed, and that has the `exp` that it had.
 */
export function spendable(
  named: readonly (string | undefined)[],
  expires_at: number,
  replayed: Refusal<OAuthErrorCode>,
): Spendable {
  const jti_key = timePrefix(expires_at) + sha256(JSON.stringify(named));
  return { jti_key, expires_at, replayed } as Spendable;
}

/** Spends each, or says which was shown before. In one order, so that two requests do not wait for each other. */
export async function spendEach(
  tx: Tx,
  spendables: readonly Spendable[],
): Promise<Checked<Refusal<OAuthErrorCode>>> {
  for (const { jti_key, expires_at, replayed } of spendables.toSorted(byKey)) {
    if (!(await spendJti(tx, { jti_key, expires_at }))) return replayed;
  }
  return PASSED;
}

function byKey(one: Spendable, other: Spendable): number {
  return one.jti_key < other.jti_key ? -1 : 1;
}

/** What one request has left to spend, whoever writes for it; it is spent once. A class: one is made for every request. */
export class Unspent {
  #left: readonly Spendable[];

  /** Of a request that showed these. */
  constructor(shown: readonly Spendable[]) {
    this.#left = shown;
  }

  get left(): readonly Spendable[] {
    return this.#left;
  }

  /** What is there already counts once: a request is looked at anew where its client was changed. */
  add(more: readonly Spendable[]): void {
    if (more.length === 0) return;
    const isNew = (one: Spendable) => this.#left.every(({ jti_key }) => jti_key !== one.jti_key);
    this.#left = [...this.#left, ...more.filter(isNew)];
  }

  /** To be said when what was left is committed. */
  settle(): void {
    this.#left = NOTHING_TO_SPEND;
  }
}
