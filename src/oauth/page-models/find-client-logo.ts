import type { Logo } from '../clients/cached-client-logos.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';

/** The logo of a client, for the pages that show it. Throws OAuthError where there is none, or it cannot be fetched. */
export async function clientLogo(
  context: Pick<OAuthContext, 'clients' | 'logos'>,
  client_id: string,
): Promise<Logo> {
  const client = await context.clients.find(client_id);
  const logo = client && (await context.logos.find(client));
  if (logo) return logo;
  throw new OAuthError('invalid_request', 'no_logo', 'there is no logo here', { status: 404 });
}
