/** What somebody who proved nothing can make the audit remember: little, however often it is tried. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWN_EVENTS } from '../../../src/audit/count-refusals.ts';
import {
  auditEvents,
  authorize,
  authorizeUrl,
  newPkce,
  post,
  publicClient,
  type Registered,
  redeem,
  requestOf,
  userinfo,
} from '../../support/flow.ts';
import { many, toldOf } from '../../support/refusals.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

const TIMES = 60;

let server: TestServer;
let spa: Registered;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'token' } });
  server.clock.hold();
  await server.user();
  spa = await publicClient(server, { grant_types: ['authorization_code', 'refresh_token'] });
});
afterAll(() => server.stop());

const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers, redirect: 'manual' }).then((answer) => answer.arrayBuffer());

function register(path: string, method: string) {
  const headers = { authorization: 'Bearer wrong', 'content-type': 'application/json' };
  return fetch(`${server.issuer}${path}`, { method, headers, ...(method === 'POST' && { body: '{}' }) });
}

async function signInTooLong() {
  const agent = createUserAgent(server.issuer);
  const login = await agent.open(`${server.issuer}/login`);
  return agent.submit(login, { username: 'alice', password: 'x'.repeat(4000) });
}

const attempts: [string, string, () => Promise<unknown>][] = [
  ['userinfo.refused', 'token_not_active', () => userinfo(server, 'nonsense')],
  ['token.refused', 'unknown_code', () => post(server, '/token', codeForm(), spa)],
  ['token.refused', 'unknown_refresh_token', () => post(server, '/token', refreshForm(), spa)],
  ['authorization.refused', 'unknown_client', () => get(authorizeUrl(server, { client_id: 'nobody' }))],
  ['authorization.refused', 'no_session', () => get(authorizeUrl(server, silently()))],
  [
    'form.refused',
    'missing_browser_cookie',
    () => fetch(`${server.issuer}/login`, { method: 'POST', body: csrf() }),
  ],
  ['registration.refused', 'wrong_initial_access_token', () => register('/register', 'POST')],
  ['registration.refused', 'wrong_registration_token', () => register('/register/nobody', 'GET')],
  ['login.failed', 'oversized_credentials', signInTooLong],
];

const codeForm = () => ({ grant_type: 'authorization_code', code: 'nonsense' });
const refreshForm = () => ({ grant_type: 'refresh_token', refresh_token: 'nonsense' });
const silently = () => requestOf(spa.client, newPkce(), { prompt: 'none' });
const csrf = () => new URLSearchParams({ csrf: 'nonsense' });

describe('from one address', () => {
  it.each(attempts)('%s %s: a few rows, and one that counts the others', async (type, reason, attempt) => {
    const isMeant = (event: { type: string; reason?: string }) =>
      event.type === type && event.reason === reason;
    const before = await toldOf(server, isMeant);
    await many(TIMES, attempt);
    const after = await toldOf(server, isMeant);
    expect(after.times - before.times).toBe(TIMES);
    expect(after.rows - before.rows).toBe(OWN_EVENTS + 1);
  });

  it('login.throttled address_throttled: the same, and not even a transaction', async () => {
    const blocked_until = server.clock.nowMs() + 600_000;
    await server.gatehouse.db.write((tx) =>
      tx.run('INSERT INTO throttles VALUES ($1, 50, 0, $2)', 'address:127.0.0.1', blocked_until),
    );
    const agent = createUserAgent(server.issuer);
    const login = await agent.open(`${server.issuer}/login`);
    await many(TIMES, () => agent.submit(login, { username: 'alice', password: 'guess' }), 1);
    const told = await toldOf(server, ({ type }) => type === 'login.throttled');
    expect(told).toEqual({ rows: OWN_EVENTS + 1, times: TIMES });
    await server.gatehouse.db.write((tx) => tx.run('DELETE FROM throttles'));
  });

  it('T8 code.replayed is remembered once, however often the code is shown', async () => {
    const authorized = await authorize(server, spa.client);
    expect((await redeem(server, spa, authorized)).status).toBe(200);
    const statuses = await many(TIMES, () => redeem(server, spa, authorized));
    expect(new Set(statuses.map(({ body }) => body.error))).toEqual(new Set(['invalid_grant']));
    const events = await auditEvents(server);
    expect(events.filter(({ type }) => type === 'code.replayed')).toHaveLength(1);
  });

  it('what is no refusal leaves nothing: revoking an unknown token, signing out with a foreign hint', async () => {
    const before = (await auditEvents(server)).length;
    await many(TIMES, () => post(server, '/revoke', { token: 'nonsense' }, spa));
    await many(TIMES, () => get(`${server.issuer}/logout?id_token_hint=eyJ.eyJ.x`));
    expect((await auditEvents(server)).length).toBe(before);
  });
});
