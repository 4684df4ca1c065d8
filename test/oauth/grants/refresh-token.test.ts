import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { setUserDisabled } from '../../../src/identity/users/users.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { createCleanUp } from '../../../src/storage/cleanup.ts';
import {
  auditEvents,
  authorize,
  confidentialClient,
  lastReason,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OFFLINE = { more: { scope: 'openid offline_access', prompt: 'consent' } };
let server: TestServer;
let web: Registered;
let spa: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  web = await confidentialClient(server);
  spa = await publicClient(server);
});
afterAll(() => server.stop());

async function tokens(as: Registered, scope = 'openid email', username?: string, prompt = '') {
  const options = { more: { scope, prompt }, ...(username !== undefined && { username }) };
  return (await redeem(server, as, await authorize(server, as.client, options))).body;
}

it('T10 a refresh token is rotated, and its predecessor is reuse once the grace is over', async () => {
  const first = await tokens(spa);
  const second = (await refresh(server, spa, first.refresh_token)).body;
  expect(second.refresh_token).not.toBe(first.refresh_token);
  server.clock.advance(11_000);
  const reused = await refresh(server, spa, first.refresh_token);
  expect(reused.body.error).toBe('invalid_grant');
  expect(await lastReason(server)).toBe('refresh_token_reused');
});

it('A032 reuse ends the whole family and its access tokens, and is an event', async () => {
  const first = await tokens(spa);
  const second = (await refresh(server, spa, first.refresh_token)).body;
  server.clock.advance(11_000);
  await refresh(server, spa, first.refresh_token);
  expect((await refresh(server, spa, second.refresh_token)).body.error).toBe('invalid_grant');
  expect((await userinfo(server, second.access_token)).status).toBe(401);
  const [grant_id] = first.refresh_token.split('.');
  const events = (await auditEvents(server)).filter((event) => event.grant_id === grant_id);
  expect(events.filter((event) => event.type === 'refresh.reused')).toHaveLength(1);
});

it('the direct predecessor gets the same successor again within the grace', async () => {
  const first = await tokens(spa);
  const once = (await refresh(server, spa, first.refresh_token)).body.refresh_token;
  const again = await refresh(server, spa, first.refresh_token);
  expect(again.status).toBe(200);
  expect(again.body.refresh_token).toBe(once);
});

it('A033 the grace covers the direct predecessor alone', async () => {
  const first = await tokens(spa);
  const second = (await refresh(server, spa, first.refresh_token)).body;
  const third = (await refresh(server, spa, second.refresh_token)).body;
  expect((await refresh(server, spa, first.refresh_token)).body.error).toBe('invalid_grant');
  expect((await refresh(server, spa, third.refresh_token)).body.error).toBe('invalid_grant');
});

it('A034 T9 another client gets nothing with it, and it stays valid for its own client', async () => {
  const first = await tokens(spa);
  const thief = await publicClient(server);
  expect((await refresh(server, thief, first.refresh_token)).body.error).toBe('invalid_grant');
  expect((await refresh(server, web, first.refresh_token)).body.error).toBe('invalid_grant');
  expect(await lastReason(server)).toBe('refresh_token_of_other_client');
  expect((await refresh(server, spa, first.refresh_token)).status).toBe(200);
});

it('A031 20 parallel refreshes make one successor', async () => {
  const first = await tokens(spa);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => refresh(server, spa, first.refresh_token)),
  );
  expect(new Set(answers.map((answer) => answer.body.refresh_token)).size).toBe(1);
});

it('A036 a confidential client must authenticate', async () => {
  const first = await tokens(web);
  const body = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
  expect((await post(server, '/token', body)).body.error).toBe('invalid_client');
  expect((await post(server, '/token', { ...body, client_id: web.client.client_id })).body.error).toBe(
    'invalid_client',
  );
  const wrong = await refresh(server, { ...web, client_secret: 'x'.repeat(52) }, first.refresh_token);
  expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
});

it('T9 A037 scope may narrow on refresh and never widen; a refusal costs nothing', async () => {
  const other = await tokens(spa, 'openid email');
  const widened = await refresh(server, spa, other.refresh_token, { scope: 'openid email profile' });
  expect(widened.body.scope).toBe('openid email');
  const first = await tokens(spa, 'openid email');
  const wider = await refresh(server, spa, first.refresh_token, { scope: 'profile' });
  expect(wider.body.error).toBe('invalid_scope');
  const narrow = (await refresh(server, spa, first.refresh_token, { scope: 'email' })).body;
  expect(narrow.scope).toBe('email');
  expect(narrow.id_token).toBeUndefined();
  expect((await refresh(server, spa, narrow.refresh_token)).body.scope).toBe('openid email');
});

it('T15 A037 resource may be one of the grant, no other', async () => {
  const api = await server.client({
    grant_types: ['client_credentials'],
    resources: ['https://api.example.com', 'https://other.example.com'],
  });
  expect(api.client.metadata.resources).toHaveLength(2);
  const authorized = await authorize(server, spa.client, { more: { resource: 'https://api.example.com' } });
  const first = (await redeem(server, spa, authorized)).body;
  expect(decodeJwt(first.access_token).aud).toBe('https://api.example.com');
  const other = await refresh(server, spa, first.refresh_token, { resource: 'https://other.example.com' });
  expect(other.body.error).toBe('invalid_target');
  expect(
    (await refresh(server, spa, first.refresh_token, { resource: 'https://api.example.com' })).status,
  ).toBe(200);
});

it('T11 A039 the family ends at its absolute age however often it was used', async () => {
  const own = await startServer({
    environment: { GATEHOUSE_REFRESH_TOKEN_ABSOLUTE_SECONDS: String(40 * 86_400) },
  });
  await own.user();
  const client = await publicClient(own);
  let current = (await redeem(own, client, await authorize(own, client.client, OFFLINE))).body.refresh_token;
  for (let age = 0; age < 39; age += 13) {
    own.clock.advance(13 * DAY_MS);
    const answer = await refresh(own, client, current);
    expect(answer.status).toBe(200);
    current = answer.body.refresh_token;
  }
  own.clock.advance(DAY_MS + 1000);
  expect((await refresh(own, client, current)).body.error).toBe('invalid_grant');
  await own.stop();
});

it('T11 a refresh token that is not used ends', async () => {
  const own = await startServer();
  await own.user();
  const client = await publicClient(own);
  const first = (await redeem(own, client, await authorize(own, client.client, OFFLINE))).body;
  own.clock.advance(31 * DAY_MS);
  expect((await refresh(own, client, first.refresh_token)).body.error).toBe('invalid_grant');
  expect(await lastReason(own)).not.toBe('session_expired');
  await own.stop();
});

it('O8 without offline_access it ends with a session that is unused for too long, or too old', async () => {
  const own = await startServer({ environment: { GATEHOUSE_SESSION_ABSOLUTE_SECONDS: '50000' } });
  await own.user();
  const client = await publicClient(own);
  const { agent, ...authorized } = await authorize(own, client.client);
  const first = (await redeem(own, client, { agent, ...authorized })).body;
  own.clock.advance(11 * HOUR_MS);
  await agent.open(`${own.issuer}/account`);
  own.clock.advance(2 * HOUR_MS);
  const second = await refresh(own, client, first.refresh_token);
  expect(second.status).toBe(200);
  own.clock.advance(HOUR_MS);
  for (const age of ['too old', 'gone'] as const) {
    if (age === 'gone') {
      own.clock.advance(3 * DAY_MS);
      await createCleanUp(own.gatehouse).run();
    }
    expect((await refresh(own, client, second.body.refresh_token)).body.error, age).toBe('invalid_grant');
    expect(await lastReason(own), age).toBe('session_expired');
  }
  const unused = (await redeem(own, client, await authorize(own, client.client))).body;
  own.clock.advance(12 * HOUR_MS);
  expect((await refresh(own, client, unused.refresh_token)).body.error).toBe('invalid_grant');
  expect((await userinfo(own, unused.access_token)).status).toBe(401);
  await own.stop();
});

describe('O8 a refresh without offline_access', () => {
  /** Refreshed each five hours until it is refused: how often it was not, and whether the person is signed in then. */
  async function refreshedFor(metadata: Record<string, unknown>, scope = 'openid') {
    const own = await startServer({ environment: { GATEHOUSE_SESSION_ABSOLUTE_SECONDS: '172800' } });
    await own.user();
    const client = await confidentialClient(own, metadata);
    const authorized = await authorize(own, client.client, { more: { scope } });
    let { refresh_token, id_token } = (await redeem(own, client, authorized)).body;
    const { auth_time } = decodeJwt(id_token);
    let count = 0;
    for (;;) {
      own.clock.advance(5 * HOUR_MS);
      const { status, body } = await refresh(own, client, refresh_token);
      if (status !== 200 || count === 20) break;
      ({ refresh_token, id_token } = body);
      expect(decodeJwt(id_token).auth_time).toBe(auth_time);
      count += 1;
    }
    const page = await authorized.agent.open(`${own.issuer}/account`);
    const reason = await lastReason(own);
    await own.stop();
    return { count, reason, isSignedIn: !page.body.includes('name="password"') };
  }

  it('counts as activity of its session, whose absolute end stays', async () => {
    expect(await refreshedFor({})).toMatchObject({ count: 9, reason: 'session_expired', isSignedIn: false });
  });

  it('does not where refresh_is_activity is false', async () => {
    expect(await refreshedFor({ refresh_is_activity: false })).toMatchObject({
      count: 2,
      reason: 'session_expired',
    });
  });

  it('nor does one with offline_access, which works without the session', async () => {
    expect(await refreshedFor({}, 'openid offline_access')).toMatchObject({ count: 20, isSignedIn: false });
  });

  it('brings no session back that was idle for too long', async () => {
    const own = await startServer();
    await own.user();
    const client = await confidentialClient(own);
    const { agent, ...authorized } = await authorize(own, client.client);
    const { refresh_token } = (await redeem(own, client, { agent, ...authorized })).body;
    own.clock.advance(13 * HOUR_MS);
    expect((await refresh(own, client, refresh_token)).body.error).toBe('invalid_grant');
    expect((await agent.open(`${own.issuer}/account`)).body).toContain('name="password"');
    await own.stop();
  });
});

it('T12 a refreshed ID token keeps iss, sub, aud and auth_time and has a new iat', async () => {
  const first = await tokens(spa);
  server.clock.advance(5000);
  const before = decodeJwt(first.id_token);
  const after = decodeJwt((await refresh(server, spa, first.refresh_token)).body.id_token);
  for (const name of ['iss', 'sub', 'aud', 'auth_time', 'sid']) expect(after[name]).toEqual(before[name]);
  expect(Number(after.iat)).toBeGreaterThan(Number(before.iat));
});

it('A038 L13 after the user is disabled there is no token', async () => {
  const bob = await server.user('bob');
  const first = await tokens(spa, 'openid', 'bob');
  await setUserDisabled(server.gatehouse, bob.sub, true);
  expect((await refresh(server, spa, first.refresh_token)).body.error).toBe('invalid_grant');
  expect((await userinfo(server, first.access_token)).status).toBe(401);
});

it('A038 A054 after the client is disabled there is no token', async () => {
  const client = await confidentialClient(server);
  const first = await tokens(client, 'openid');
  await setClientDisabled(server.gatehouse, client.client.client_id, true);
  expect((await refresh(server, client, first.refresh_token)).body.error).toBe('invalid_client');
  expect((await userinfo(server, first.access_token)).status).toBe(401);
});

it('A038 after a scope was taken from the client there is no token', async () => {
  const client = await publicClient(server);
  const first = await tokens(client, 'openid email');
  await updateClient(server.gatehouse, grantTypes, client.client.client_id, { scope: 'openid' });
  expect((await refresh(server, client, first.refresh_token)).body.error).toBe('invalid_grant');
});

it('A038 A154 after logout there is no token, but with offline_access there is', async () => {
  const bound = await tokens(spa, 'openid');
  const offline = await tokens(spa, 'openid offline_access', undefined, 'consent');
  for (const { id_token } of [bound, offline]) {
    await endSession(server.gatehouse, String(decodeJwt(id_token).sid), undefined);
  }
  expect((await refresh(server, spa, bound.refresh_token)).body.error).toBe('invalid_grant');
  expect((await refresh(server, spa, offline.refresh_token)).status).toBe(200);
});

it('A038 after its resource server was disabled there is no token', async () => {
  const resource = 'https://withdrawn.example.com';
  const api = await server.client({ grant_types: ['client_credentials'], resources: [resource] });
  const authorized = await authorize(server, spa.client, { more: { resource } });
  const first = (await redeem(server, spa, authorized)).body;
  await setClientDisabled(server.gatehouse, api.client.client_id, true);
  expect((await refresh(server, spa, first.refresh_token)).body.error).toBe('invalid_grant');
  expect(await lastReason(server)).toBe('resource_withdrawn');
});

it('A034 within the grace too the predecessor gives nothing after logout, or where it is shown by another', async () => {
  const first = await tokens(spa, 'openid');
  const thief = await publicClient(server);
  expect((await refresh(server, spa, first.refresh_token)).status).toBe(200);
  expect((await refresh(server, thief, first.refresh_token)).body.error).toBe('invalid_grant');
  await endSession(server.gatehouse, String(decodeJwt(first.id_token).sid), undefined);
  expect((await refresh(server, spa, first.refresh_token)).body.error).toBe('invalid_grant');
  expect(await lastReason(server)).toBe('session_ended');
});

it('A028 T14 only the exact bytes of a refresh token work, and no refusal gives the reason', async () => {
  const { refresh_token } = await tokens(spa);
  const [family = '', generation = '', mac = ''] = refresh_token.split('.');
  const others = [
    refresh_token.slice(0, -1),
    `${refresh_token}A`,
    `${family}.${Number(generation) + 1}.${mac}`,
    `${family}.00.${mac}`,
    'nonsense',
  ];
  const sentences = new Set<string>();
  for (const other of others) {
    const { body } = await refresh(server, spa, other);
    expect(body.error).toBe('invalid_grant');
    sentences.add(body.error_description);
  }
  expect(sentences.size).toBe(1);
  expect((await refresh(server, spa, refresh_token)).status).toBe(200);
});

it('A035 a rotation holds over a restart: the old token is still reuse, the new one still good', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-restart-'));
  const environment = { GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}` };
  const before = await startServer({ environment });
  await before.user();
  const client = await publicClient(before);
  const grant = async () =>
    (await redeem(before, client, await authorize(before, client.client))).body.refresh_token;
  const [kept, stolen] = [await grant(), await grant()];
  const successor = (await refresh(before, client, kept)).body.refresh_token;
  await refresh(before, client, stolen);
  await before.stop();
  const after = await startServer({ environment });
  after.clock.advance(11_000);
  expect((await refresh(after, client, successor)).status).toBe(200);
  expect((await refresh(after, client, stolen)).body.error).toBe('invalid_grant');
  expect(await lastReason(after)).toBe('refresh_token_reused');
  await after.stop();
  rmSync(directory, { recursive: true, force: true });
});
