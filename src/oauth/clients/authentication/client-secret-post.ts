import { checkSecret } from './check-client-secret.ts';
import type { ClientAuthenticationMethod } from './method.ts';
import { isProven } from './prove-client-by-comparison.ts';

/** RFC 6749 §2.3.1: client_id and client_secret in the body. */
export const clientSecretPost: ClientAuthenticationMethod = {
  name: 'client_secret_post',
  credential: 'secret',
  insteadOf: ['client_secret_basic'],
  claimedBy({ parameters }) {
    return parameters.get('client_secret') === undefined ? undefined : (parameters.get('client_id') ?? '');
  },
  verify: ({ clock }, client, { parameters }) =>
    checkSecret(client, [parameters.get('client_secret') ?? ''], clock.nowMs()),
  holds: ({ clock }, { now }, { parameters }) =>
    isProven(checkSecret(now, [parameters.get('client_secret') ?? ''], clock.nowMs())),
};
