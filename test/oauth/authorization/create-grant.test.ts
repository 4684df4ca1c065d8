/** What a new grant holds of the authorization that it comes from. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import { parseAccess } from '../../../src/oauth/access/stored-access.ts';
import type { Asked } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { confirm } from '../../../src/oauth/authorization/confirm-in-transaction.ts';
import { createGrant } from '../../../src/oauth/authorization/create-grant.ts';
import { situationOf } from '../../../src/oauth/authorization/gather-situation.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { USERINFO } from '../../../src/oauth/find-requested-resources.ts';
import { findGrant, type GrantRow } from '../../../src/storage/tables/grants.ts';
import { listClientsOfSession } from '../../../src/storage/tables/session-clients.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, requestOf, signIn } from './signed-in.ts';

const PWD = 'urn:gatehouse:acr:pwd';

let server: TestServer;
let client: Client;
let session: Session;
let grants = 0;
beforeAll(async () => {
  server = await startServer();
  const metadata = { redirect_uris: ['https://app.example.com/cb'], first_party: true };
  client = (await server.client(metadata)).client;
  session = (await signIn(server, await newPerson(server, 'alice'))).session;
});
afterAll(() => server.stop());

async function create(asked: Partial<Asked> = {}): Promise<GrantRow> {
  const { gatehouse } = server;
  grants += 1;
  const grant = { grant_id: `grant-${grants}`, code_binding: null };
  const request = requestOf(client, asked);
  const account = { session, otherAccounts: 0 };
  const situation = await situationOf(gatehouse, { client, request, account, done: {} });
  const expiresAt = await gatehouse.db.write(async (tx) => {
    const confirmed = await confirm(gatehouse, tx, { ...situation, client, session }, undefined);
    if (!confirmed) throw new Error('not confirmed');
    return createGrant(gatehouse, tx, confirmed, grant);
  });
  const row = await findGrant(gatehouse.db, grant.grant_id);
  if (!row) throw new Error('no grant');
  expect(row.expires_at).toBe(expiresAt);
  return row;
}

it('it is of this person, app and session, with how and when they signed in', async () => {
  expect(await create()).toMatchObject({
    sub: session.sub,
    client_id: client.client_id,
    sid: session.sid,
    auth_time: session.authTimeMs,
    amr: '["pwd"]',
    acr: PWD,
    code_binding: null,
    confirmation: null,
    revoked_at: null,
  });
});

it('until the client comes for it, it lives for as long as a code may, whatever leads to it', async () => {
  const { created_at, expires_at } = await create();
  expect(expires_at - created_at).toBe(server.gatehouse.settings.code_seconds * 1000);
});

it('the app becomes a participant of the session, once however many grants it gets', async () => {
  await create();
  await create();
  expect(await listClientsOfSession(server.gatehouse.db, session.sid)).toEqual([client.client_id]);
});

it('offline_access alone outlives the session', async () => {
  expect((await create()).outlives_session).toBe(0);
  const access = accessTo({ scope: ['openid', 'offline_access'] });
  expect((await create({ access })).outlives_session).toBe(1);
});

it('the acr is one that was asked for, where the sign-in reaches it, and none that it does not', async () => {
  const values = ['urn:example:strong', PWD];
  expect((await create({ acr: { essential: false, values } })).acr).toBe(PWD);
  expect((await create({ acr: { essential: false, values: ['urn:example:strong'] } })).acr).toBe(PWD);
});

it('a request for userinfo first has it before its resources, and keeps only claims that there are', async () => {
  const access = accessTo({ scope: ['openid'], resources: ['https://api.example.com/'] });
  const request = { userinfo: { email: null, nonsense: null }, id_token: {} };
  const claims = { text: JSON.stringify(request), request };
  const row = await create({ access, userinfo_first: true, claims });
  const granted = parseAccess(row.access);
  expect(granted.resources).toEqual([USERINFO, 'https://api.example.com/']);
  expect(granted.claims).toEqual([{ name: 'email', userinfo: null }]);
  expect(parseAccess((await create({ access })).access).resources).toEqual(['https://api.example.com/']);
});
