/**
 * What a grant proved: not what is allowed. Only the gate turns it into something that can be issued. Each is made here
 * alone, and the client that acts for itself is a word of its own: no missing grant_id stands for it.
 */
import { assertSpent, type Spent } from '../storage/spend-row.ts';

declare const isProof: unique symbol;

/** A grant that a user gave was proven. Made by {@link grantProven} and {@link grantProvenWithoutSpending} alone. */
export interface GrantProof {
  readonly [isProof]: true;
  readonly kind: 'grant';
  readonly grantId: string;
  /** What the authorization request brought, for the ID token. OpenID Connect Core §2 */
  readonly nonce?: string | undefined;
  /** The generation of the refresh token to hand out; the first where there is none. */
  readonly generation?: number;
}

/** The client acts for itself. Made by {@link clientItself} alone. */
export interface ClientProof {
  readonly [isProof]: true;
  readonly kind: 'client';
}

export type Proof = GrantProof | ClientProof;

type Carried = Pick<GrantProof, 'nonce' | 'generation'>;

/** To be said last, when everything was checked: `spent` is what was shown for the grant. Throws where nothing was spent. */
export function grantProven(spent: Spent, grantId: string, carried: Carried = {}): GrantProof {
  assertSpent(spent);
  return grantProvenWithoutSpending(grantId, carried);
}

/** For what may be shown again: a refresh token whose answer was lost, for a moment. RFC 9700 §4.14.2 */
export function grantProvenWithoutSpending(grantId: string, carried: Carried = {}): GrantProof {
  return { kind: 'grant', grantId, ...carried } as GrantProof;
}

/** An authenticated client needs nothing else to act for itself. RFC 6749 §4.4 */
export function clientItself(): ClientProof {
  return { kind: 'client' } as ClientProof;
}
