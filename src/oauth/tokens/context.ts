/** What making and reading tokens may touch, by concern. */
import type { KeyObject } from 'node:crypto';
import type { IdentityContext } from '../../identity/context.ts';
import type { BoundedCache } from '../../lib/bounded-cache.ts';
import type { Revision } from '../../storage/revision-and-restore-times.ts';
import type { ClientsContext } from '../clients/context.ts';
import type { KeySet } from '../keys/signing-and-published-keys.ts';
import type { SubjectContext } from '../sub-and-sid-for-client.ts';
import type { AccessTokenClaims } from './access-token-claims-schema.ts';

/** To read what a token says of a person. */
export type ClaimsContext = Pick<IdentityContext, 'db' | 'claimCatalogue'>;

/** Claims that need not be verified again. */
export interface VerifiedToken {
  readonly claims: AccessTokenClaims;
  /** The revision at which the key was published still; undefined where it was not asked yet. */
  readonly revision: number | undefined;
  /** How long the token is: its claims and what is made of them take about as much room. */
  readonly characters: number;
}

/** What is known of access tokens that were made or verified here. */
interface KnownTokens extends Pick<IdentityContext, 'clock' | 'settings'> {
  readonly revision: Revision;
  /** SHA-256 of an access token → the claims that were verified; the grant's state is asked each time. */
  readonly verifiedTokens: BoundedCache<VerifiedToken>;
}

/** To make access and ID tokens; the keys that sign are chosen before. */
export interface TokenMakingContext
  extends ClaimsContext,
    KnownTokens,
    SubjectContext,
    Pick<IdentityContext, 'random'> {}

/** To verify access tokens of ours. */
export interface TokenVerifyingContext extends KnownTokens, ClientsContext {
  readonly keys: KeySet;
}

/** To recognize refresh tokens. */
export interface RefreshTokenContext extends Pick<IdentityContext, 'db'> {
  /** Authenticates refresh tokens; derived from the master key. */
  readonly refreshTokenKey: KeyObject;
}

/** To read an ID token that comes back as a hint. */
export interface HintContext extends ClientsContext, SubjectContext, Pick<IdentityContext, 'settings'> {
  readonly keys: KeySet;
}
