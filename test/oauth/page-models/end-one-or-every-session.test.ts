/** Signing out of one session or of all, in the name of a session that is live, and who hears of it. ASVS V7.4.3 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import type { StartedSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import {
  endEverySession,
  endThisSession,
  notifiedApps,
} from '../../../src/oauth/page-models/end-one-or-every-session.ts';
import { insertSessionClient } from '../../../src/storage/tables/session-clients.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, signIn, source } from '../authorization/signed-in.ts';

let server: TestServer;
let here: StartedSession;
let there: StartedSession;
let others: StartedSession;
let people = 0;
beforeAll(async () => {
  server = await startServer();
  const client = (name: string, more: Record<string, unknown>) =>
    server.client({ client_id: name, client_name: `App ${name}`, redirect_uris: [CALLBACK], ...more });
  await client('frame', { frontchannel_logout_uri: 'https://app.example.com/out' });
  await client('back', { backchannel_logout_uri: 'https://app.example.com/back' });
  await client('silent', {});
});
afterAll(() => server.stop());
beforeEach(async () => {
  people += 1;
  const sub = await newPerson(server, `person${people}`);
  here = await signIn(server, sub);
  there = await signIn(server, sub);
  others = await signIn(server, await newPerson(server, `other${people}`));
});

const takePart = (one: StartedSession, ...clientIds: string[]) =>
  server.gatehouse.db.write(async (tx) => {
    for (const client_id of clientIds) await insertSessionClient(tx, one.session.sid, client_id);
  });
const liveOf = async ({ session }: StartedSession) =>
  (await listLiveSessions(server.gatehouse, session.sub)).map(({ sid }) => sid);

it('out of this session: it ends, and no other', async () => {
  await takePart(here, 'frame');
  const frames = await endThisSession(server.gatehouse, here.session, source);
  expect(frames).toMatchObject([expect.stringContaining('https://app.example.com/out?')]);
  expect(await liveOf(here)).toEqual([there.session.sid]);
});

it('out of all: every session of the person ends, on every device, and nobody else’s', async () => {
  expect(await endEverySession(server.gatehouse, here.session, source)).toEqual([]);
  expect(await liveOf(here)).toEqual([]);
  expect(await liveOf(others)).toEqual([others.session.sid]);
});

it('a session that is over ends nothing', async () => {
  await endSession(server.gatehouse, here.session.sid, undefined);
  expect(await endThisSession(server.gatehouse, here.session, source)).toBeUndefined();
  expect(await endEverySession(server.gatehouse, here.session, source)).toBeUndefined();
  expect(await liveOf(there)).toEqual([there.session.sid]);
});

it('who is told is named before: by server from everywhere, by frame from this browser, each once', async () => {
  await takePart(here, 'frame', 'back', 'silent');
  await takePart(there, 'frame', 'back');
  expect(await notifiedApps(server.gatehouse, here.session)).toEqual(['App back', 'App frame']);
  expect(await notifiedApps(server.gatehouse, others.session)).toEqual([]);
  await takePart(others, 'back');
  expect(await notifiedApps(server.gatehouse, others.session)).toEqual(['App back']);
});

it('nothing ends by the sid of one person and the sub of another', async () => {
  const mixed = { ...here.session, sub: others.session.sub };
  expect(await endEverySession(server.gatehouse, mixed, source)).toBeUndefined();
  expect(await endThisSession(server.gatehouse, mixed, source)).toBeUndefined();
  expect([(await liveOf(here)).length, (await liveOf(others)).length]).toEqual([2, 1]);
});

it('an app that only frames tell is not named where it is used in another browser alone', async () => {
  await takePart(there, 'frame');
  expect(await notifiedApps(server.gatehouse, here.session)).toEqual([]);
});
