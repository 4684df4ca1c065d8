import type { KeyObject } from 'node:crypto';
import type { IdentityContext } from '../identity/context.ts';
import type { Allowance } from '../lib/allowance.ts';
import type { BoundedCache } from '../lib/bounded-cache.ts';
import type { Outbox } from '../notify/outbox.ts';
import type { Outbound } from '../outbound/send.ts';
import type { Revision } from '../storage/revision.ts';
import type { CountGuess } from './clients/authentication/guesses.ts';
import type { Clients } from './clients/client.ts';
import type { ClientKeys } from './clients/keys.ts';
import type { Logos } from './clients/logos.ts';
import type { Document } from './document.ts';
import type { KeySet } from './keys/key-set.ts';
import type { PairwiseSubjects } from './subject.ts';
import type { AccessTokenClaims, Introspected, VerifiedToken } from './tokens/access-token-claims.ts';

/** What the rules of the protocol need. */
export interface OAuthContext extends IdentityContext {
  readonly revision: Revision;
  readonly keys: KeySet;
  readonly clients: Clients;
  readonly clientKeys: ClientKeys;
  readonly logos: Logos;
  /** The one way to addresses that clients gave us. */
  readonly outbound: Outbound;
  readonly outbox: Outbox;
  /** What may be stored for somebody who is not signed in, by address, in kilobytes. */
  readonly storageAllowance: Allowance;
  /** Authenticates refresh tokens; derived from the master key. */
  readonly refreshTokenKey: KeyObject;
  /** Pairwise subject identifiers; their keys are derived from the master key. */
  readonly subjects: PairwiseSubjects;
  /** SHA-256 of an access token → the claims that were verified; the grant's state is asked each time. */
  readonly verifiedTokens: BoundedCache<VerifiedToken>;
  /** What introspection said of them last, as JSON. */
  readonly introspected: WeakMap<AccessTokenClaims, Introspected>;
  /** Client authentication that failed. */
  readonly countGuess: CountGuess;
  /** Introspections of what is not active, by caller. */
  readonly introspectionMisses: Allowance;
  /** What is rendered once: each document beside what it was rendered from. */
  readonly documents: WeakMap<object, Document>;
}
