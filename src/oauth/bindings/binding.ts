import type { IdentityContext } from '../../identity/context.ts';
import type { Refusal } from '../../lib/outcome.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthErrorCode } from '../errors.ts';
import type { Spendable } from '../spend-jtis.ts';

const isKeyShown: unique symbol = Symbol('key shown');

/** The request shows that it has a key. Made by {@link keyShown} alone. */
export interface KeyShown {
  readonly [isKeyShown]: true;
  /** What the token will say of the key, such as its thumbprint. */
  readonly value: string;
  readonly toSpend: readonly Spendable[];
}

/** To be said last, when every check has been made. What may be shown again has NOTHING_TO_SPEND. */
export function keyShown(value: string, toSpend: readonly Spendable[]): KeyShown {
  return { [isKeyShown]: true, value, toSpend };
}

/** The word for a request that shows no key in this way. */
export const NOT_SHOWN = 'not shown';

/** What a request shows in one way: nothing, a key, or something that is wrong. */
export type BindingVerdict = typeof NOT_SHOWN | KeyShown | Refusal<OAuthErrorCode>;

/** At run time too, nothing but what {@link keyShown} made is one. */
export function hasShownKey(verdict: Exclude<BindingVerdict, Refusal | typeof NOT_SHOWN>): boolean {
  return isKeyShown in verdict;
}

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
