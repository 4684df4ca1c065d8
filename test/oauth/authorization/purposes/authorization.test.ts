/** How an authorization that an app asked for ends, in the database and for the app. RFC 6749 §4.1.2 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endSession } from '../../../../src/identity/sessions/end-sessions.ts';
import { refuse } from '../../../../src/lib/outcome.ts';
import { accessTo } from '../../../../src/oauth/access/access-set-operations.ts';
import type { AuthorizationRequest } from '../../../../src/oauth/authorization/authorization-request-types.ts';
import { situationOf } from '../../../../src/oauth/authorization/gather-situation.ts';
import { storeInteraction } from '../../../../src/oauth/authorization/interaction.ts';
import { authorization } from '../../../../src/oauth/authorization/purposes/authorization.ts';
import type { Ending } from '../../../../src/oauth/authorization/purposes/purpose.ts';
import { login } from '../../../../src/oauth/authorization/steps/login.ts';
import type { Client } from '../../../../src/oauth/clients/client.ts';
import { findInteraction } from '../../../../src/storage/tables/interactions.ts';
import { auditEvents } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { newPerson, requestOf, signIn, source } from '../signed-in.ts';

let server: TestServer;
let client: Client;
let sub: string;
beforeAll(async () => {
  server = await startServer();
  sub = await newPerson(server, 'alice');
  const metadata = { redirect_uris: ['https://app.example.com/cb'], first_party: true };
  client = (await server.client(metadata)).client;
});
afterAll(() => server.stop());

let ending: Ending<AuthorizationRequest>;
beforeEach(async () => {
  ending = await endingOf(requestOf(client));
});

async function endingOf(request: AuthorizationRequest): Promise<Ending<AuthorizationRequest>> {
  const { gatehouse } = server;
  const { session } = await signIn(server, sub);
  const wanted = { purpose: authorization, request, client };
  const interactionId = await storeInteraction(gatehouse, wanted, { browser: 'b', source });
  const account = { session, otherAccounts: 0 };
  const situation = await situationOf(gatehouse, { client, request, account, done: {} });
  return { context: gatehouse, situation, interactionId, source };
}

const answered = async (outcome: ReturnType<typeof authorization.complete | typeof authorization.denied>) => {
  const told = await outcome;
  if (told?.kind !== 'redirect') throw new Error(`not a redirect: ${told?.kind}`);
  return new URL(told.location).searchParams;
};
const isSpent = async () => {
  const row = await findInteraction(server.gatehouse.db, ending.interactionId ?? '');
  return row?.completed_at !== null;
};

describe('where nothing is missing', () => {
  it('the app gets a code, the audit has the grant, and the interaction is spent', async () => {
    const answer = await answered(authorization.complete(ending));
    expect([answer.get('state'), answer.get('iss')]).toEqual(['st', server.issuer]);
    const grant_id = answer.get('code')?.split('.')[0];
    const granted = (await auditEvents(server)).find((event) => event.grant_id === grant_id);
    expect(granted).toMatchObject({ type: 'authorization.granted', sub, client_id: client.client_id });
    expect(await isSpent()).toBe(true);
  });

  it('there is no second code for one interaction', async () => {
    await authorization.complete(ending);
    await expect(authorization.complete(ending)).rejects.toMatchObject({ reason: 'interaction_completed' });
  });

  it('nothing is given, and nothing spent, where the session ended since it was seen', async () => {
    await endSession(server.gatehouse, ending.situation.session?.sid ?? '', undefined);
    expect(await authorization.complete(ending)).toBeUndefined();
    expect(await isSpent()).toBe(false);
  });

  it('the fault of a request is sent to the app after the sign-in, and the request is spent', async () => {
    const refusal = refuse('invalid_scope' as const, 'scope_not_allowed', 'no such scope');
    ending = await endingOf(requestOf(client, { access: accessTo({}) }, { refusal }));
    const answer = await answered(authorization.complete(ending));
    expect([answer.get('error'), answer.get('code')]).toEqual(['invalid_scope', null]);
    expect(await isSpent()).toBe(true);
  });

  it('without a session or an app it is an accident, not an answer', async () => {
    const { situation } = ending;
    const nobody = { ...ending, situation: { ...situation, session: undefined } };
    await expect(authorization.complete(nobody)).rejects.toThrow('without a session');
    const noApp = { ...ending, situation: { ...situation, client: undefined } };
    await expect(authorization.complete(noApp)).rejects.toThrow('always for an app');
    expect(() => authorization.write(situation.request, undefined)).toThrow('always for an app');
  });
});

it.each([
  ['access_denied', 'user_denied', () => authorization.denied(ending)],
  ['unmet_authentication_requirements', 'acr_not_reached', () => authorization.outOfReach(ending)],
  ['login_required', 'no_session', () => authorization.silent(ending, { step: login, reason: 'no_session' })],
  [
    'login_required',
    'other_user_hinted',
    () => authorization.otherUser(ending, { step: login, reason: 'other_user_hinted' }),
  ],
] as const)(
  '%s is told to the app without a code, and its reason to the audit: %s',
  async (error, reason, end) => {
    const answer = await answered(end());
    expect([answer.get('error'), answer.get('code'), answer.get('state')]).toEqual([error, null, 'st']);
    const [newest] = (await auditEvents(server)).filter(({ type }) => type === 'authorization.refused');
    expect(newest).toMatchObject({ client_id: client.client_id });
    expect((await auditEvents(server)).map((event) => event.reason)).toContain(reason);
  },
);
