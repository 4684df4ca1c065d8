import type { IdentityContext } from '../../../identity/context.ts';
import type { Client } from '../../clients/client.ts';
import type { ClientJwtContext } from '../../clients/context.ts';
import type { Pair } from '../../parameters.ts';
import type { ResponseModeName } from '../../response-mode-names.ts';
import type { TokenVerifyingContext } from '../../tokens/context.ts';

/** How an authorization response travels. OAuth 2.0 Multiple Response Types §2.1 */
export type AuthorizationResponse =
  | { readonly kind: 'redirect'; readonly location: string }
  | {
      readonly kind: 'form_post';
      readonly redirect_uri: string;
      readonly parameters: readonly Pair[];
      /** The page is in the language of those before it. */
      readonly uiLocales?: string | undefined;
    };

/** What a mode may touch: this server's keys, to sign what it says, and those of the client, to encrypt it. */
export type ResponseModeContext = Pick<IdentityContext, 'clock' | 'settings'> &
  Pick<TokenVerifyingContext, 'keys'> &
  Pick<ClientJwtContext, 'clientKeys'>;

/** Whom a response is for, and what it may be made with. */
export interface Recipient {
  /** As it was when the content of the response was decided. */
  readonly client: Client;
  readonly context: ResponseModeContext;
}

/** One way to send the response to an app; another way is another row of the table. */
export interface ResponseMode {
  readonly name: ResponseModeName;
  /** Called when what it sends is already committed: if it throws, the app gets no response. */
  respond(
    redirect_uri: string,
    parameters: readonly Pair[],
    recipient: Recipient,
  ): AuthorizationResponse | Promise<AuthorizationResponse>;
}
