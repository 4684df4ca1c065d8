import type { Pair } from '../../parameters.ts';
import type { ResponseModeName } from '../../response-mode.ts';

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

export interface ResponseMode {
  readonly name: ResponseModeName;
  respond(redirect_uri: string, parameters: readonly Pair[]): AuthorizationResponse;
}
