/**
 * What a grant proved: not what is allowed. Only the gate turns it into something that can be issued. Each is made here
 * alone, and the client that acts for itself is a word of its own: no missing grant_id stands for it.
 */
declare const isProof: unique symbol;

/** A grant that a user gave was proven. Made by {@link grantProven} alone. */
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

/** To be said last, when everything was checked and spent. */
export function grantProven(
  grantId: string,
  carried: Pick<GrantProof, 'nonce' | 'generation'> = {},
): GrantProof {
  return { kind: 'grant', grantId, ...carried } as GrantProof;
}

/** An authenticated client needs nothing else to act for itself. RFC 6749 §4.4 */
export function clientItself(): ClientProof {
  return { kind: 'client' } as ClientProof;
}
