/** Issues what the gate admitted, and takes nothing else. RFC 6749 §5.1 */
import { tokenTypeOf } from '../bindings/token-types.ts';
import type { Admitted } from '../gate-before-issuing.ts';
import type { TokenMakingContext } from './context.ts';
import type { IssuingKeys } from './issuing-keys.ts';
import { signAccessToken } from './sign-access-token.ts';
import { signIdToken } from './sign-id-token.ts';

export interface TokenResponse {
  access_token: string;
  token_type: string;
  /** Seconds. */
  expires_in: number;
  /** RFC 6749 §3.3: it has one word at least. */
  scope?: string;
  refresh_token?: string;
  id_token?: string;
}

/**
 * Signs the access token, and the ID token where the scope has openid. `refresh_token` was made before and goes into
 * the answer as it is.
 */
export async function issueTokens(
  context: TokenMakingContext,
  admitted: Admitted,
  refresh_token: string | undefined,
  keys: IssuingKeys,
): Promise<TokenResponse> {
  const access_token = await signAccessToken(context, admitted, keys);
  const id_token = await signIdToken(context, admitted, access_token, keys);
  const { scope } = admitted.access;
  return {
    access_token,
    token_type: tokenTypeOf(admitted.confirmation),
    expires_in: context.settings.access_token_seconds,
    ...(scope.length > 0 && { scope: scope.join(' ') }),
    ...(refresh_token !== undefined && { refresh_token }),
    ...(id_token !== undefined && { id_token }),
  };
}
