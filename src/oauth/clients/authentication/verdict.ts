/** What comes of a client's credentials. Each verdict is made here alone, so whoever says nothing has given none. */
import type { Reason } from '../../../lib/refusal-reason.ts';
import type { Spendable } from '../../spend-once.ts';
import type { Client } from '../client.ts';

const isProof: unique symbol = Symbol('proven');

/** The credentials are the client's. Made by {@link proven} alone. */
export interface Proven {
  readonly [isProof]: true;
  readonly client: Client;
  /** What of them is good for once: a proof that counts when it is spent. */
  readonly toSpend: readonly Spendable[];
}

/** The credentials prove nothing. */
export interface Unproven {
  /** Stable, for log, audit and tests. */
  readonly reason: Reason;
}

/** What a method says of the credentials. */
export type Verdict = Proven | Unproven;

/** To be said last, when every check has been made. What may be shown again has NOTHING_TO_SPEND. */
export function proven(client: Client, toSpend: readonly Spendable[]): Proven {
  return { [isProof]: true, client, toSpend };
}

/** Says why they prove nothing. */
export function unproven(reason: Reason): Unproven {
  return { reason };
}

/** Whether the verdict is a proof; at run time too, nothing but what {@link proven} made is one. */
export function isProven(verdict: Verdict): verdict is Proven {
  return isProof in verdict;
}
