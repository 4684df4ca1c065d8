import { type ClientAuthenticationMethod, type Credentials, hasSecret } from './method.ts';
import { provenAsPublic } from './prove-client-by-comparison.ts';

/** Some libraries send Basic whatever the client is, with nothing behind the colon. */
function basicWithoutSecret({ basic }: Credentials): string | undefined {
  return basic !== undefined && basic !== 'malformed' && !hasSecret(basic) ? basic.client_id : undefined;
}

/** RFC 6749 §2.1: a public client names itself with client_id and proves nothing. */
export const none: ClientAuthenticationMethod = {
  name: 'none',
  credential: 'none',
  onlyAlone: true,
  claimedBy: (credentials) => basicWithoutSecret(credentials) ?? credentials.parameters.get('client_id'),
  verify: (_context, client) => provenAsPublic(client),
  holds: (_context, { now }) => !now.confidential,
};
