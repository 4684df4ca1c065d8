/** What requests about a registration have in common: their token, the grants that they may ask for, their refusals. */
import { actingAs } from '../../audit/write-in-transaction-or-batch.ts';
import type { IdentityContext } from '../../identity/context.ts';
import { isRefusal } from '../../lib/outcome.ts';
import { authorizationOf, tokenOf } from '../authorization-header.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { findSectorFault } from '../clients/check-sector-identifier-uri.ts';
import { throwIfSpent } from '../clients/initial-access-tokens.ts';
import type { Registered, RegistryRefusal } from '../clients/registry-result-and-audit.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { grants } from '../grants/index.ts';
import { tokenChallenge } from '../token-challenge.ts';
import { limitReached } from './registration-limits.ts';

/** The audit event of a refusal. */
export const refusalOf = ({ source }: BackChannelRequest) =>
  ({ type: 'registration.refused', source }) as const;

/** The audit names the token that did it. */
export const by = <Context extends Pick<IdentityContext, 'audit'>>(
  context: Context,
  token: string,
): Context => ({
  ...context,
  audit: actingAs(context.audit, token),
});

/** The grants that a client may register for by itself. */
export const selfServed = () => grants.filter(({ selfRegistered }) => selfRegistered);

/** 401: the registration access token is of no client, or of another. RFC 7592 §2 */
export function wrongToken(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'wrong_registration_token',
    'the registration access token is not valid here',
    { challenge: tokenChallenge({ error: 'invalid_token' }) },
  );
}

/** Fetches sector_identifier_uri, and throws OAuthError where it does not list the redirect URIs. OpenID Connect Registration §5 */
export async function checkSector(
  context: Pick<OAuthContext, 'log' | 'outbound'>,
  draft: Readonly<Record<string, unknown>>,
): Promise<void> {
  const fault = await findSectorFault(context, draft);
  if (fault !== undefined) throw new OAuthError('invalid_client_metadata', 'refused_sector', fault);
}

/** What was registered. Throws OAuthError where it was refused. */
export function accepted(outcome: Registered | RegistryRefusal): Registered {
  if (!isRefusal(outcome)) return outcome;
  throwIfSpent(outcome);
  if (outcome.reason === 'registration_limit') throw limitReached();
  if (outcome.error === 'not_found') throw wrongToken();
  const isRedirect = outcome.error === 'invalid_redirect_uri';
  const error = isRedirect ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  throw new OAuthError(error, outcome.reason, outcome.description);
}

/** The bearer token of the request; undefined where there is none or it is malformed. RFC 6750 §2.1 */
export function shownToken(request: BackChannelRequest): string | undefined {
  const bearer = tokenOf(authorizationOf(request));
  return bearer === 'malformed' ? undefined : bearer?.token;
}
