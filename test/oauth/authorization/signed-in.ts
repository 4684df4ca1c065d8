/** Somebody who is signed in, and an app that asks, in a real database and without HTTP. */

import { personProven } from '../../../src/identity/proof-user-was-authenticated.ts';
import { type StartedSession, startSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import { createUser } from '../../../src/identity/users/users.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import {
  type Asked,
  type AuthorizationRequest,
  NOTHING_ASKED,
} from '../../../src/oauth/authorization/authorization-request-types.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { CALLBACK, newPkce } from '../../support/flow.ts';
import type { TestServer } from '../../support/server.ts';

export const source = { address: '192.0.2.1', userAgent: '', requestId: 'one' };

/** The sub of a new person, who has no password. */
export async function newPerson({ gatehouse }: TestServer, username: string): Promise<string> {
  const user = await createUser(gatehouse, { username });
  if (isRefusal(user)) throw new Error(user.description);
  return user.sub;
}

/** A new session, as it begins after a password. */
export function signIn({ gatehouse }: TestServer, sub: string): Promise<StartedSession> {
  const proof = personProven(sub, ['pwd']);
  return gatehouse.db.write((tx) => startSession(gatehouse, tx, { proof, source }));
}

/** What the app asks: `openid`, answered in the query, with PKCE. */
export function requestOf(
  client: Client,
  asked: Partial<Asked> = {},
  more: Partial<AuthorizationRequest> = {},
): AuthorizationRequest {
  return {
    client_id: client.client_id,
    asked: { ...NOTHING_ASKED, access: accessTo({ scope: ['openid'] }), ...asked },
    target: { redirect_uri: CALLBACK, response_mode: 'query', state: 'st' },
    code: { redirect_uri_sent: true, code_challenge: newPkce().code_challenge },
    ...more,
  };
}
