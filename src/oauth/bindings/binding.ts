import type { IdentityContext } from '../../identity/context.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import type { Client } from '../clients/client.ts';
import type { BindingVerdict } from './shown-key-evidence.ts';

/** What a key is shown with. */
export interface ShownWith {
  readonly request: BackChannelRequest;
  readonly client: Client;
  /** The access token that is shown; undefined where one is asked for. RFC 9449 §4.2 ath */
  readonly token: string | undefined;
}

/** What a row may touch. */
export type BindingContext = Pick<IdentityContext, 'clock' | 'db' | 'settings'>;

/** One way to bind a token to a key of its client; another way is another row of the table. RFC 7800 §3 */
export interface Binding {
  readonly name: string;
  /** The member of cnf that names the key. */
  readonly member: string;
  /** token_type of what is bound so, and the scheme that it is shown with; Bearer where there is none (RFC 8705 §3). */
  readonly tokenType?: string;
  /** The parameter of an authorization request that names the key ahead, so that the code is bound to it. RFC 9449 §10 */
  readonly parameter?: string;
  /** Reads and checks what the request shows, spends nothing. */
  prove(context: BindingContext, shown: ShownWith): BindingVerdict | Promise<BindingVerdict>;
}
