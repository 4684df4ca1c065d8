import type { z } from 'zod';
import type { RequestSource } from '../../audit/request-source.ts';
import type { IdentityContext } from '../../identity/context.ts';
import type { Refusal } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import type { Client } from '../clients/client.ts';
import type { Confirmation } from '../confirmation-claim.ts';
import type { OAuthErrorCode } from '../errors.ts';
import type { ClientProof, GrantProof, Proof } from '../grant-proof.ts';
import type { RefreshTokenContext } from '../tokens/context.ts';

/** What a grant may touch to find what it was shown, and to spend it. */
export type GrantContext = RefreshTokenContext &
  Pick<IdentityContext, 'audit' | 'clock' | 'notices' | 'random' | 'settings'>;

export type GrantRefusal = Refusal<OAuthErrorCode>;

/** What every grant says of itself. */
interface Described<Schema extends z.ZodObject, Found extends object> {
  readonly grantType: string;
  /** The parameters of its own. Those that are missing or malformed are invalid_request. */
  readonly parameters: Schema;
  /** RFC 6749 §4.4: whether public clients are kept out. */
  readonly confidentialOnly: boolean;
  /**
   * RFC 7591 §5: whether an app for which nobody vouches may use it. It acts for people who allow it, never for itself.
   */
  readonly selfRegistered: boolean;
  /** RFC 6749 §4.1.3 has no scope, and clients send one all the same. */
  readonly ignoresScope?: boolean;
  /** Reads and checks everything, writes nothing. `shown` are the keys that the request showed. */
  look(
    context: GrantContext,
    client: Client,
    parameters: z.output<Schema>,
    shown: Confirmation | undefined,
  ): Promise<Found | GrantRefusal>;
}

/** How what was found becomes a proof: by being spent or, where nothing is stored, by itself. */
type Proving<Found extends object, Proven extends Proof> =
  | {
      /** Spends what was found, once. What it writes stays although it refuses. */
      spend(
        context: GrantContext,
        tx: Tx,
        found: Found,
        source: RequestSource,
      ): Promise<Proven | GrantRefusal>;
      proof?: undefined;
    }
  | { proof(found: Found): Proven; spend?: undefined };

/**
 * An authorization grant. RFC 6749 §1.3. It looks, then spends, and so proves; it neither decides what is allowed
 * (oauth/gate-before-issuing.ts) nor issues (oauth/tokens/issue.ts).
 */
export type Grant<Schema extends z.ZodObject = z.ZodObject, Found extends object = object> = Described<
  Schema,
  Found
> &
  (
    | /** A person takes part, so that a refresh token and an ID token can follow. */
    ({ readonly forUser: true } & Proving<Found, GrantProof>) /** The client acts for itself. */
    | ({ readonly forUser: false } & Proving<Found, ClientProof>)
  );

/** Keeps the types of one grant together and forgets them for the table. */
export function defineGrant<Schema extends z.ZodObject, Found extends object>(
  grant: Grant<Schema, Found>,
): Grant {
  return grant as unknown as Grant;
}
