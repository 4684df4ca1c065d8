/** The client information response. RFC 7591 §3.2.1, RFC 7592 §3 */
import type { IdentityContext } from '../../identity/context.ts';
import { registrationResponse } from '../clients/registration-response.ts';
import type { Registered } from '../clients/registry-result-and-audit.ts';

/** The registered metadata, with the address and the token by which the client manages them. */
export function informationOf(
  { settings }: Pick<IdentityContext, 'settings'>,
  registered: Registered,
  token: string,
): object {
  const { profile, disabled, first_party, resources, self_registered, ...information } =
    registrationResponse(registered);
  return {
    ...information,
    registration_client_uri: `${settings.issuer}/register/${registered.client.client_id}`,
    registration_access_token: token,
  };
}
