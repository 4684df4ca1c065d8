import type { Parameters } from '../../parameters.ts';
import type { Client } from '../client.ts';

/** What a request carries that could authenticate a client. */
export interface Credentials {
  readonly parameters: Parameters;
  /** The Authorization header, if its scheme is Basic: decoded, or 'malformed'. RFC 6749 §2.3.1 */
  readonly basic: { readonly client_id: string; readonly client_secret: string } | 'malformed' | undefined;
}

/** One way for a client to prove itself; another way is another row of the table. RFC 6749 §2.3 */
export interface ClientAuthenticationMethod {
  readonly name: string;
  /** It counts only where no other method is used: client_id goes with them all. */
  readonly onlyAlone?: boolean;
  /** The client_id for which this method is used in the request; undefined where it is not used. */
  claimedBy(credentials: Credentials): string | undefined;
  /** Whether the credentials prove the client. `client` is undefined for an unknown one: spend the same time. */
  verify(client: Client | undefined, credentials: Credentials, nowMs: number): boolean;
}
