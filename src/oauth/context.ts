import type { IdentityContext } from '../identity/context.ts';
import type { Allowance } from '../lib/token-bucket-rate-limit.ts';
import type { Outbox } from '../notify/deliver-outbox.ts';
import type { Outbound } from '../outbound/send-to-checked-address.ts';
import type { ClientAuthenticationContext } from './clients/authentication/context.ts';
import type { Logos } from './clients/cached-client-logos.ts';
import type { Document } from './public-document.ts';
import type { AccessTokenClaims } from './tokens/access-token-claims-schema.ts';
import type {
  HintContext,
  RefreshTokenContext,
  TokenMakingContext,
  TokenVerifyingContext,
} from './tokens/context.ts';

/**
 * All that the requests of the protocol may touch. The tables of endpoints, pages and commands hand it on; a function asks
 * for the members that it uses.
 */
export interface OAuthContext
  extends IdentityContext,
    ClientAuthenticationContext,
    TokenMakingContext,
    TokenVerifyingContext,
    RefreshTokenContext,
    HintContext {
  readonly logos: Logos;
  /** The one way to addresses that clients gave us. */
  readonly outbound: Outbound;
  readonly outbox: Outbox;
  /** What may be stored for browsers in which nobody is signed in, by address, in kilobytes. */
  readonly storageAllowance: Allowance;
  /** What introspection said of verified tokens last, as JSON. */
  readonly introspected: WeakMap<AccessTokenClaims, Introspected>;
  /** Introspections of what is not active, by caller. */
  readonly introspectionMisses: Allowance;
  /** What is rendered once: each document beside what it was rendered from. */
  readonly documents: WeakMap<object, Document>;
}

/** What introspection said of a token, and whom it named. */
interface Introspected {
  readonly username: string | undefined;
  readonly text: string;
}
