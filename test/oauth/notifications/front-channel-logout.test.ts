/** The frames that tell the apps of this browser's session. OpenID Connect Front-Channel Logout 1.0 §2, §3 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StartedSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { framesOf } from '../../../src/oauth/notifications/front-channel-logout.ts';
import { insertClient } from '../../../src/storage/tables/clients.ts';
import { insertSessionClient } from '../../../src/storage/tables/session-clients.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, signIn } from '../authorization/signed-in.ts';

const FRAME = 'https://app.example.com/out?a=1';

let server: TestServer;
let alice: StartedSession;
let other: StartedSession;
beforeAll(async () => {
  server = await startServer();
  const sub = await newPerson(server, 'alice');
  alice = await signIn(server, sub);
  other = await signIn(server, sub);
});
afterAll(() => server.stop());

async function takesPart(client_id: string, more: Record<string, unknown>, session = alice) {
  await server.client({ client_id, redirect_uris: [CALLBACK], ...more });
  await server.gatehouse.db.write((tx) => insertSessionClient(tx, session.session.sid, client_id));
}
const frames = async () => (await framesOf(server.gatehouse, alice.session)).map((frame) => new URL(frame));

it('§3 each app of this session that has a frame is told iss and sid beside its own query', async () => {
  await takesPart('framed', { frontchannel_logout_uri: FRAME });
  await takesPart('unframed', { backchannel_logout_uri: 'https://app.example.com/back' });
  await takesPart('elsewhere', { frontchannel_logout_uri: `${FRAME}&elsewhere` }, other);
  const [url, ...others] = await frames();
  expect(others).toEqual([]);
  expect(url?.href.startsWith(FRAME)).toBe(true);
  expect(url?.searchParams.get('iss')).toBe(server.issuer);
  expect(url?.searchParams.get('sid')).toBe(alice.session.sid);
});

it('W6 a pairwise app is told the sid that it knows', async () => {
  await takesPart('pairwise', { frontchannel_logout_uri: FRAME, subject_type: 'pairwise' });
  const sids = (await frames()).map((url) => url.searchParams.get('sid'));
  expect(sids).toHaveLength(2);
  expect(sids.filter((sid) => sid === alice.session.sid)).toHaveLength(1);
});

it('an app that is switched off is told nothing', async () => {
  await setClientDisabled(server.gatehouse, 'framed', true);
  await setClientDisabled(server.gatehouse, 'pairwise', true);
  expect(await frames()).toEqual([]);
});

it('fifty are the most that a page loads', async () => {
  const { client } = await server.client({
    client_id: 'first',
    redirect_uris: [CALLBACK],
    frontchannel_logout_uri: FRAME,
  });
  const { profile, metadataText: metadata } = client;
  const times = { created_at: 1, updated_at: 1, disabled_at: null, used_at: null };
  const row = { profile, metadata, registration_token: null, ...times };
  await server.gatehouse.db.write(async (tx) => {
    for (let index = 0; index < 51; index += 1) {
      const client_id = `many${index}`;
      await insertClient(tx, { ...row, client_id });
      await insertSessionClient(tx, alice.session.sid, client_id);
    }
  });
  expect(await frames()).toHaveLength(50);
});
