/** Why each grant refuses, as the audit has it: the answer says the same of every reason (T14). RFC 6749 §5.2 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storageKey } from '../../../src/lib/time-ordered-ids-and-secrets.ts';
import { insertOneTime } from '../../../src/storage/tables/one-time.ts';
import { beforeNextWrite } from '../../support/before-next-write.ts';
import {
  type Authorized,
  auditEvents,
  authorize,
  confidentialClient,
  lastReason,
  type post,
  publicClient,
  type Registered,
  redeem,
  refresh,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const HOUR_MS = 3_600_000;
const KEY = '{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}';

let server: TestServer;
let app: Registered;
let web: Registered;

beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  await server.user();
  app = await publicClient(server);
  web = await confidentialClient(server, { profile: 'oidc' });
});
// What is recorded is the later one.
beforeEach(() => server.clock.advance(1000));
afterAll(() => server.stop());

const write = (sql: string, ...values: (string | number | null)[]) =>
  server.gatehouse.db.write((tx) => tx.run(sql, ...values));
const grantOf = ({ code }: Authorized) => code.split('.')[0] ?? '';
const refused = async (answer: ReturnType<typeof post>) => {
  const { status, body } = await answer;
  expect([status, body.error]).toEqual([400, 'invalid_grant']);
  return lastReason(server);
};
const isAlive = async (refresh_token: string) => (await refresh(server, app, refresh_token)).status === 200;

describe('a code', () => {
  it('T6 that is unknown, or not even of the form of a code', async () => {
    const authorized = await authorize(server, app.client);
    const unknown = `${grantOf(authorized)}.${'A'.repeat(52)}`;
    for (const code of [unknown, 'x'])
      expect(await refused(redeem(server, app, { ...authorized, code }))).toBe('unknown_code');
  });

  it('that leads to no grant', async () => {
    const authorized = await authorize(server, app.client);
    const code = `${grantOf(authorized)}.${'B'.repeat(52)}`;
    const expires_at = server.clock.nowMs() + 30_000;
    const row = {
      kind: 'code',
      value_key: storageKey(code),
      grant_id: null,
      payload: '{}',
      expires_at,
    } as const;
    await server.gatehouse.db.write((tx) => insertOneTime(tx, row));
    expect(await refused(redeem(server, app, { ...authorized, code }))).toBe('unknown_code');
  });

  it('T7 whose verifier is missing, another, or of a request without a challenge', async () => {
    const authorized = await authorize(server, app.client);
    const missing = redeem(server, app, authorized, { code_verifier: '' });
    expect(await refused(missing)).toBe('missing_code_verifier');
    server.clock.advance(1000);
    const another = redeem(server, app, authorized, { code_verifier: 'a'.repeat(43) });
    expect(await refused(another)).toBe('wrong_code_verifier');
    server.clock.advance(1000);
    const plain = await authorize(server, web.client, {
      more: { code_challenge: '', code_challenge_method: '' },
    });
    expect(await refused(redeem(server, web, plain))).toBe('unexpected_code_verifier');
  });

  it('T8 that is replayed is an event of its own, once, and of a grant without codes it is unknown', async () => {
    const authorized = await authorize(server, app.client);
    await redeem(server, app, authorized);
    expect(await refused(redeem(server, app, authorized))).toBe('code_replayed');
    await refused(redeem(server, app, authorized));
    const events = (await auditEvents(server)).filter(({ grant_id }) => grant_id === grantOf(authorized));
    expect(events.filter(({ type }) => type === 'code.replayed')).toHaveLength(1);
    await write('UPDATE grants SET code_binding = NULL WHERE grant_id = $1', grantOf(authorized));
    server.clock.advance(1000);
    expect(await refused(redeem(server, app, authorized))).toBe('unknown_code');
  });

  it('RFC 9449 §10 of a grant that is bound to a key is no replay without the key', async () => {
    const authorized = await authorize(server, app.client);
    const { body } = await redeem(server, app, authorized);
    await write('UPDATE grants SET confirmation = $1 WHERE grant_id = $2', KEY, grantOf(authorized));
    expect(await refused(redeem(server, app, authorized))).toBe('wrong_confirmation');
    await write('UPDATE grants SET confirmation = NULL WHERE grant_id = $1', grantOf(authorized));
    expect(await isAlive(body.refresh_token)).toBe(true);
  });

  it('whose grant is deleted while it is looked at is too old, and no error', async () => {
    const authorized = await authorize(server, app.client);
    await redeem(server, app, authorized);
    beforeNextWrite(server.gatehouse, () =>
      write('DELETE FROM grants WHERE grant_id = $1', grantOf(authorized)),
    );
    expect(await refused(redeem(server, app, authorized))).toBe('code_too_old');
  });

  it.each([
    [0, 'code_replayed'],
    [1, 'code_too_old'],
  ])('T8 that was made %i ms before a restore and is not stored is told as %s', async (beforeMs, reason) => {
    const authorized = await authorize(server, app.client);
    await redeem(server, app, authorized);
    const made = server.clock.nowMs();
    const restore = (at: number) => write("UPDATE revisions SET restored_at = $1 WHERE name = 'house'", at);
    await restore(made + beforeMs);
    expect(await refused(redeem(server, app, authorized))).toBe(reason);
    await restore(0);
  });

  it('RFC 6749 §4.1.3 scope is no parameter of its redemption', async () => {
    const { status, body } = await redeem(server, app, await authorize(server, app.client), {
      scope: 'read',
    });
    expect([status, body.scope]).toEqual([200, 'openid']);
  });
});

describe('a refresh token', () => {
  const first = async () =>
    (await redeem(server, app, await authorize(server, app.client))).body.refresh_token;

  it('T14 that is unknown', async () => {
    const refresh_token = await first();
    const unknown = `${refresh_token.slice(0, -43)}${'A'.repeat(43)}`;
    expect(await refused(refresh(server, app, unknown))).toBe('unknown_refresh_token');
  });

  it('T11 whose family is over', async () => {
    const refresh_token = await first();
    server.clock.advance(400 * 24 * HOUR_MS);
    expect(await refused(refresh(server, app, refresh_token))).toBe('refresh_token_ended');
  });

  it('A032 that was rotated is recorded as reused in its event', async () => {
    const refresh_token = await first();
    await refresh(server, app, refresh_token);
    server.clock.advance(HOUR_MS);
    expect(await refused(refresh(server, app, refresh_token))).toBe('refresh_token_reused');
    const event = (await auditEvents(server)).find(({ type }) => type === 'refresh.reused');
    expect(event?.reason).toBe('refresh_token_reused');
  });

  it('RFC 9449 §8 that was rotated and is bound to a key ends nothing without the key', async () => {
    const authorized = await authorize(server, app.client);
    const { refresh_token } = (await redeem(server, app, authorized)).body;
    const successor = (await refresh(server, app, refresh_token)).body.refresh_token;
    server.clock.advance(HOUR_MS);
    await write('UPDATE grants SET confirmation = $1 WHERE grant_id = $2', KEY, grantOf(authorized));
    expect(await refused(refresh(server, app, refresh_token))).toBe('wrong_confirmation');
    await write('UPDATE grants SET confirmation = NULL WHERE grant_id = $1', grantOf(authorized));
    expect(await isAlive(successor)).toBe(true);
  });

  it('O8 with offline_access is no activity of its session', async () => {
    const authorized = await authorize(server, app.client, {
      more: { scope: 'openid offline_access', prompt: 'consent' },
    });
    let { refresh_token } = (await redeem(server, app, authorized)).body;
    for (let hours = 0; hours < 15; hours += 5) {
      server.clock.advance(5 * HOUR_MS);
      ({ refresh_token } = (await refresh(server, app, refresh_token)).body);
    }
    expect(refresh_token).toBeTypeOf('string');
    const page = await authorized.agent.open(`${server.issuer}/account`);
    expect(page.body).toContain('name="password"');
  });
});

it('RFC 7591 §5 an app that registered itself gets what users allow, and never acts for itself', async () => {
  const open = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  const register = async (grant_types: string[]) => {
    const metadata = { client_name: 'App', redirect_uris: ['https://app.example/cb'], grant_types };
    const headers = { 'content-type': 'application/json' };
    const sent = { method: 'POST', headers, body: JSON.stringify(metadata) };
    return fetch(`${open.issuer}/register`, sent);
  };
  const theirs = await register(['authorization_code', 'refresh_token']);
  expect(theirs.status).toBe(201);
  expect((await theirs.json()).grant_types).toEqual(['authorization_code', 'refresh_token']);
  const own = await register(['authorization_code', 'client_credentials']);
  const body = await own.json();
  expect(own.status === 400 || !body.grant_types.includes('client_credentials')).toBe(true);
  await open.stop();
});
