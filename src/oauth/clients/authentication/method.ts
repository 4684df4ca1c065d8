import type { BackChannelRequest } from '../../back-channel-request.ts';
import type { Parameters } from '../../parameters.ts';
import type { Client } from '../client.ts';
import type { ClientJwtAlgorithm } from '../verify-client-jwt.ts';
import type { Assertion } from './assertion-shape.ts';
import type { ClientAuthenticationContext } from './context.ts';
import type { Verdict } from './prove-client-by-comparison.ts';

/** What the Authorization header says of a client. RFC 6749 §2.3.1 */
export interface BasicCredentials {
  readonly client_id: string;
  /** What the secret may be: decoded, and as it came where that differs. */
  readonly secrets: readonly string[];
}

/** Whether the header has a secret. Some libraries send a public client's id in it with an empty one. */
export function hasSecret({ secrets }: BasicCredentials): boolean {
  return secrets.some((secret) => secret !== '');
}

/** What a request carries that could authenticate a client. */
export interface Credentials {
  readonly parameters: Parameters;
  readonly request: BackChannelRequest;
  /** The Authorization header, if its scheme is Basic: decoded, or 'malformed'. RFC 6749 §2.3.1 */
  readonly basic: BasicCredentials | 'malformed' | undefined;
  /** The parameter client_assertion, not verified; undefined where there is none that could be. RFC 7521 §4.2 */
  readonly assertion: Assertion | undefined;
}

/** One way for a client to prove itself; another way is another row of the table. RFC 6749 §2.3 */
export interface ClientAuthenticationMethod {
  /** As it is registered and in discovery. RFC 7591 §2 */
  readonly name: string;
  /** What its client has: a secret that is issued to it, keys that it registers, or neither of them. */
  readonly credential: 'secret' | 'keys' | 'none';
  /** The other methods whose clients may use this one too, where strict_auth_method does not forbid it. */
  readonly insteadOf?: readonly string[];
  /** It counts only where no other method is used: client_id goes with them all. */
  readonly onlyAlone?: boolean;
  /** Of the client_assertion that it reads, for discovery and registration; undefined where it reads none. */
  readonly algorithms?: readonly ClientJwtAlgorithm[];
  /** The client_id for which this method is used in the request; undefined where it is not used. */
  claimedBy(credentials: Credentials): string | undefined;
  /** Says what was compared (prove-client-by-comparison.ts), or `unproven`. `client` is undefined for an unknown one: spend the same time. */
  verify(
    context: ClientAuthenticationContext,
    client: Client | undefined,
    credentials: Credentials,
  ): Verdict | Promise<Verdict>;
  /**
   * Of what was verified with `before`: whether it holds for the client as it is `now`. What was shown is spent by
   * then, or is still to be.
   */
  holds(
    context: ClientAuthenticationContext,
    clients: { readonly before: Client; readonly now: Client },
    credentials: Credentials,
  ): boolean;
}
