/** The facts of one moment, as the steps see them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import { writeAccess } from '../../../src/oauth/access/stored-access.ts';
import { consentOf, situationOf } from '../../../src/oauth/authorization/gather-situation.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { putConsent } from '../../../src/storage/tables/consents.ts';
import { putPassword } from '../../../src/storage/tables/passwords.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, requestOf, signIn } from './signed-in.ts';

const strong = { essential: true, values: ['urn:example:strong'] };

let server: TestServer;
let client: Client;
let session: Session;
beforeAll(async () => {
  server = await startServer();
  client = (await server.client({ redirect_uris: ['https://app.example.com/cb'] })).client;
  session = (await signIn(server, await newPerson(server, 'alice'))).session;
});
afterAll(() => server.stop());

const look = (whose: Session | undefined, acr = { essential: false, values: [] as string[] }) =>
  situationOf(server.gatehouse, {
    client,
    request: requestOf(client, { acr }),
    account: { session: whose, otherAccounts: 2 },
    done: { login: { sid: 's' } },
  });

it('holds the account, the number of accounts, the steps done and the time', async () => {
  server.clock.hold();
  expect(await look(session)).toMatchObject({
    session,
    otherAccounts: 2,
    done: { login: { sid: 's' } },
    nowMs: server.clock.nowMs(),
  });
});

it('what was allowed is that of this person and this app, with the claims of its scopes', async () => {
  expect((await look(session)).consent).toBeUndefined();
  const access = writeAccess(accessTo({ scope: ['openid', 'email'] }));
  const row = { client_id: client.client_id, access, created_at: 1, updated_at: 1 };
  await server.gatehouse.db.write((tx) => putConsent(tx, { ...row, sub: session.sub }));
  const { consent } = await look(session);
  expect(consent?.scope).toEqual(['openid', 'email']);
  expect(consent?.claims.map(({ name }) => name)).toEqual(['email', 'email_verified']);
  expect((await look(undefined)).consent).toBeUndefined();
  const other = (await signIn(server, await newPerson(server, 'bob'))).session;
  expect((await look(other)).consent).toBeUndefined();
});

it('nothing that was remembered is no consent', () => {
  expect(consentOf(server.gatehouse, undefined)).toBeUndefined();
  expect(consentOf(server.gatehouse, { access: '{}' })).toMatchObject({ scope: [], claims: [] });
});

it('the factors are those that the person has, and only where their sign-in is too weak', async () => {
  expect((await look(session)).factors).toEqual([]);
  expect((await look(session, strong)).factors).toEqual([]);
  const password = { sub: session.sub, hash: 'x', changed_at: 1 };
  await server.gatehouse.db.write((tx) => putPassword(tx, password));
  expect((await look(session, strong)).factors.map(({ name }) => name)).toEqual(['password']);
  expect((await look(session)).factors).toEqual([]);
  expect((await look(undefined, strong)).factors).toEqual([]);
});
