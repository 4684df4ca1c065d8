/**
 * What the clients know: written before each request and after each answer. What was answered must hold after any
 * crash; what was only asked may have happened or not, but never twice.
 */

export interface CodeEntry {
  readonly code: string;
  readonly verifier: string;
  /** `asked`: sent to /token without an answer. */
  state: 'issued' | 'asked' | 'spent';
}

export interface Chain {
  /** The last refresh token that was answered. */
  token: string;
  /** The one before it. */
  previous: string | undefined;
  /** Sent and not answered: either token may be the live one. */
  isAsked: boolean;
  state: 'live' | 'revocation asked' | 'revoked';
}

export interface AccessEntry {
  readonly token: string;
  /** The grant that it hangs on; undefined for a client's own token. */
  readonly chain: Chain | undefined;
  state: 'live' | 'revocation asked' | 'revoked';
}

export interface ConsentEntry {
  readonly client_id: string;
  state: 'none' | 'given' | 'asked';
}

export interface SessionEntry {
  /** The Cookie header. */
  readonly cookie: string;
  state: 'live' | 'logout asked' | 'ended';
}

export interface Ledger {
  readonly codes: CodeEntry[];
  readonly chains: Chain[];
  readonly access: AccessEntry[];
  readonly consents: ConsentEntry[];
  readonly sessions: SessionEntry[];
  /** The account that is under attack is locked until then, by what was answered. Milliseconds. */
  lockedUntilMs: number;
  operations: number;
}

export function newLedger(): Ledger {
  return { codes: [], chains: [], access: [], consents: [], sessions: [], lockedUntilMs: 0, operations: 0 };
}
