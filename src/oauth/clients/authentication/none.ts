import { NOTHING_TO_SPEND } from '../../spend-once.ts';
import { type ClientAuthenticationMethod, type Credentials, hasSecret } from './method.ts';
import { proven, unproven } from './verdict.ts';

/** Some libraries send Basic whatever the client is, with nothing behind the colon. */
function basicWithoutSecret({ basic }: Credentials): string | undefined {
  return basic !== undefined && basic !== 'malformed' && !hasSecret(basic) ? basic.client_id : undefined;
}

/** RFC 6749 §2.1: a public client names itself with client_id and proves nothing. */
export const none: ClientAuthenticationMethod = {
  name: 'none',
  onlyAlone: true,
  claimedBy: (credentials) => basicWithoutSecret(credentials) ?? credentials.parameters.get('client_id'),
  verify: (_context, client) =>
    client !== undefined && !client.confidential
      ? proven(client, NOTHING_TO_SPEND)
      : unproven('wrong_method'),
  holds: (_context, { now }) => !now.confidential,
};
