/**
 * What the clients know: written before each request and after each answer. What was answered must hold after any
 * crash; what was only asked may have happened or not, but never twice.
 */

export interface CodeEntry {
  readonly code: string;
  readonly verifier: string;
  issuedAtMs: number;
  /** `asked`: sent to /token without an answer. */
  state: 'issued' | 'asked' | 'spent';
}

export interface Chain {
  /** The last refresh token that was answered. */
  token: string;
  /** The one before it: leads to the same successor for a moment. */
  previous: string | undefined;
  /** The one before that: good for nothing, ever. */
  older: string | undefined;
  /** Sent and not answered: either token may be the live one, for as long as this one leads to its successor. */
  asked: 'no' | 'under way' | 'in doubt';
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

/** The account under attack. A lock answers as a wrong password does, so that only counting tells of it. */
export interface LockEntry {
  /** Answered: so many were counted, or more. */
  failures: number;
  /** Sent: no more than so many were counted. */
  mostFailures: number;
  /** Locked until then, or longer. Milliseconds. */
  lockedUntilMs: number;
  /** Surely open from then on, so that what is sent is counted. */
  openFromMs: number;
  /** How often a lock in force was looked at. */
  looks: number;
}

export interface Ledger {
  readonly codes: CodeEntry[];
  readonly chains: Chain[];
  readonly access: AccessEntry[];
  readonly consents: ConsentEntry[];
  readonly sessions: SessionEntry[];
  readonly lock: LockEntry;
  operations: number;
}

export function newChain(token: string): Chain {
  return { token, previous: undefined, older: undefined, asked: 'no', state: 'live' };
}

/** The answer to {@link Chain.token} was `next`. */
export function rotated(chain: Chain, next: string): void {
  chain.older = chain.previous;
  chain.previous = chain.token;
  chain.token = next;
  chain.asked = 'no';
}

export function newLedger(): Ledger {
  const lock = { failures: 0, mostFailures: 0, lockedUntilMs: 0, openFromMs: 0, looks: 0 };
  return { codes: [], chains: [], access: [], consents: [], sessions: [], lock, operations: 0 };
}
