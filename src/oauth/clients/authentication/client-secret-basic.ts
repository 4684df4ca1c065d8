import { checkSecret } from './check-client-secret.ts';
import {
  type BasicCredentials,
  type ClientAuthenticationMethod,
  type Credentials,
  hasSecret,
} from './method.ts';
import { isProven } from './prove-client-by-comparison.ts';

function basicOf({ basic }: Credentials): BasicCredentials | undefined {
  return basic !== undefined && basic !== 'malformed' && hasSecret(basic) ? basic : undefined;
}

/** RFC 6749 §2.3.1: the Authorization header. */
export const clientSecretBasic: ClientAuthenticationMethod = {
  name: 'client_secret_basic',
  credential: 'secret',
  insteadOf: ['client_secret_post'],
  claimedBy: (credentials) => basicOf(credentials)?.client_id,
  verify: ({ clock }, client, credentials) =>
    checkSecret(client, basicOf(credentials)?.secrets ?? [], clock.nowMs()),
  holds: ({ clock }, { now }, credentials) =>
    isProven(checkSecret(now, basicOf(credentials)?.secrets ?? [], clock.nowMs())),
};
