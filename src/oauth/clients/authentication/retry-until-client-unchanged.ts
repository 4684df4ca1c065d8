/** Asks again where the client was changed meanwhile. */
import { OAuthError } from '../../errors.ts';
import { ClientChanged } from '../refuse-changed-client.ts';
import type { Authenticated } from './authenticate.ts';

/** A client that changes as often while one request waits is not asked for ever. */
export const ATTEMPTS = 4;

/** Does the work with the client as it is, anew where it was changed meanwhile. Throws OAuthError after some attempts. */
export async function untilUnchanged<Result>(
  first: Authenticated,
  work: (authenticated: Authenticated) => Promise<Result>,
): Promise<Result> {
  let authenticated = first;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      return await work(authenticated);
    } catch (error) {
      if (!(error instanceof ClientChanged)) throw error;
      authenticated = await authenticated.renewed(error.client);
    }
  }
  const description = 'the client is being changed; try again';
  throw new OAuthError('temporarily_unavailable', 'client_changing', description, { retryAfterSeconds: 1 });
}
