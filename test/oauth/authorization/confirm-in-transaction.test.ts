/** What was seen before a transaction is asked again in it: each thing that may have ended meanwhile. Decision 0029 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import { setUserDisabled } from '../../../src/identity/users/users.ts';
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import { writeAccess } from '../../../src/oauth/access/stored-access.ts';
import type { Asked } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { confirm } from '../../../src/oauth/authorization/confirm-in-transaction.ts';
import { situationOf } from '../../../src/oauth/authorization/gather-situation.ts';
import { storeInteraction } from '../../../src/oauth/authorization/interaction.ts';
import { authorization } from '../../../src/oauth/authorization/purposes/authorization.ts';
import { consent } from '../../../src/oauth/authorization/steps/consent.ts';
import { login } from '../../../src/oauth/authorization/steps/login.ts';
import { noteDone } from '../../../src/oauth/authorization/stored-done-steps.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { deleteConsent, putConsent } from '../../../src/storage/tables/consents.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';
import { newPerson, requestOf, signIn, source } from './signed-in.ts';

let server: TestServer;
let client: Client;
let session: Session;
let people = 0;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

beforeEach(async () => {
  client = (await server.client({ redirect_uris: ['https://app.example.com/cb'] })).client;
  people += 1;
  session = (await signIn(server, await newPerson(server, `person${people}`))).session;
  const access = writeAccess(accessTo({ scope: ['openid'] }));
  const row = { sub: session.sub, client_id: client.client_id, access, created_at: 1, updated_at: 1 };
  await server.gatehouse.db.write((tx) => putConsent(tx, row));
});

const seen = async (asked: Partial<Asked> = {}) => {
  const request = requestOf(client, asked);
  const account = { session, otherAccounts: 0 };
  const situation = await situationOf(server.gatehouse, { client, request, account, done: {} });
  return { ...situation, client, session };
};
const confirmed = async (
  situation: Awaited<ReturnType<typeof seen>>,
  interactionId?: string,
): Promise<boolean> => {
  const { gatehouse } = server;
  return (await gatehouse.db.write((tx) => confirm(gatehouse, tx, situation, interactionId))) !== undefined;
};

it('what is still so is confirmed, with the epochs that the grant lives in', async () => {
  const { gatehouse } = server;
  const situation = await seen();
  expect(await gatehouse.db.write((tx) => confirm(gatehouse, tx, situation, undefined))).toMatchObject({
    session: { sid: session.sid },
    userEpoch: 0,
    clientEpoch: client.epoch,
    takesPart: false,
  });
});

describe('nothing is confirmed any more once', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['the session ended', () => endSession(server.gatehouse, session.sid, undefined)],
    ['the person was disabled', () => setUserDisabled(server.gatehouse, session.sub, true)],
    ['the client was disabled', () => setClientDisabled(server.gatehouse, client.client_id, true)],
    [
      'the client was changed, if only in its name',
      () => updateClient(server.gatehouse, grantTypes, client.client_id, { client_name: 'Another' }),
    ],
    [
      'the consent was withdrawn',
      () => server.gatehouse.db.write((tx) => deleteConsent(tx, session.sub, client.client_id)),
    ],
  ])('%s', async (_what, act) => {
    const situation = await seen();
    expect(await confirmed(situation)).toBe(true);
    await act();
    expect(await confirmed(situation)).toBe(false);
  });

  it('max_age is over by the time of the transaction', async () => {
    server.clock.hold();
    const situation = await seen({ max_age: 60 });
    expect(await confirmed(situation)).toBe(true);
    server.clock.advance(60_000);
    expect(await confirmed(situation)).toBe(false);
  });
});

it('what was done is read from the interaction, not from what was seen', async () => {
  const { gatehouse } = server;
  const request = requestOf(client, { prompt: ['login', 'consent'] });
  const wanted = { purpose: authorization, request, client };
  const id = await storeInteraction(gatehouse, wanted, { browser: 'b', source });
  const done = {
    login: { sid: session.sid },
    consent: { decided: { decision: 'allow', sub: session.sub } },
  };
  const situation = { ...(await seen({ prompt: ['login', 'consent'] })), done };
  expect(await confirmed(situation, id)).toBe(false);
  expect(await confirmed(situation)).toBe(false);
  await gatehouse.db.write((tx) => noteDone(tx, id, login, done.login));
  expect(await confirmed(situation, id)).toBe(false);
  await gatehouse.db.write((tx) =>
    noteDone(tx, id, consent, { decided: { decision: 'allow', sub: session.sub } }),
  );
  expect(await confirmed(situation, id)).toBe(true);
});
