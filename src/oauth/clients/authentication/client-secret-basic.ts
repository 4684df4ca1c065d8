import { checkSecret } from './client-secret.ts';
import type { ClientAuthenticationMethod, Credentials } from './method.ts';

function secretOf({ basic }: Credentials): string {
  return basic === undefined || basic === 'malformed' ? '' : basic.client_secret;
}

/** RFC 6749 §2.3.1: the Authorization header. */
export const clientSecretBasic: ClientAuthenticationMethod = {
  name: 'client_secret_basic',
  claimedBy: ({ basic }) => (basic === undefined || basic === 'malformed' ? undefined : basic.client_id),
  verify: ({ clock }, client, credentials) => checkSecret(client, secretOf(credentials), clock.nowMs()),
  holds: ({ clock }, { now }, credentials) =>
    checkSecret(now, secretOf(credentials), clock.nowMs()) === undefined,
};
