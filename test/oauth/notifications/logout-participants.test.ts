/** Which apps take part in sessions, as they stand now. OpenID Connect Back-Channel Logout 1.0 §2.5 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StartedSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import {
  clientsOfSession,
  clientsOfUser,
  participants,
} from '../../../src/oauth/notifications/logout-participants.ts';
import { insertSessionClient, takeClientsOfSession } from '../../../src/storage/tables/session-clients.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, signIn } from '../authorization/signed-in.ts';

let server: TestServer;
let first: StartedSession;
let second: StartedSession;
beforeAll(async () => {
  server = await startServer();
  const sub = await newPerson(server, 'alice');
  first = await signIn(server, sub);
  second = await signIn(server, sub);
  for (const client_id of ['a', 'b', 'off']) await server.client({ client_id, redirect_uris: [CALLBACK] });
  await server.gatehouse.db.write(async (tx) => {
    for (const client_id of ['a', 'off']) await insertSessionClient(tx, first.session.sid, client_id);
    await insertSessionClient(tx, second.session.sid, 'b');
  });
  await setClientDisabled(server.gatehouse, 'off', true);
});
afterAll(() => server.stop());

const ids = (clients: readonly { client_id: string }[]) => clients.map(({ client_id }) => client_id);

it('those of one session, and those of all of a person’s, without those that are switched off', async () => {
  const { db } = server.gatehouse;
  expect(ids(await clientsOfSession(db, first.session.sid))).toEqual(['a']);
  expect(ids(await clientsOfSession(db, second.session.sid))).toEqual(['b']);
  expect(ids(await clientsOfUser(db, first.session.sub))).toEqual(['a', 'b']);
  expect(await clientsOfSession(db, 'unknown')).toEqual([]);
  expect(await clientsOfUser(db, 'unknown')).toEqual([]);
});

it('whoever is told of an end is told although it was switched off meanwhile, once', async () => {
  const { db } = server.gatehouse;
  const named = await participants(db, ['a', 'off', 'unknown']);
  expect(named.map(({ client_id, disabled }) => [client_id, disabled])).toEqual([
    ['a', false],
    ['off', true],
  ]);
  const taken = await db.write((tx) => takeClientsOfSession(tx, first.session.sid, 10));
  expect(taken.toSorted()).toEqual(['a', 'off']);
  expect(await clientsOfSession(db, first.session.sid)).toEqual([]);
});
