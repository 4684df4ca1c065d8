/** Each grant in each state of what it hangs on. RFC 6749 §5.2, §6, RFC 9700 §4.14, V7.4.2 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endSession } from '../../src/identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import { withdrawConsent } from '../../src/oauth/page-models/authorized-apps.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import {
  type Answer,
  type Authorized,
  auditEvents,
  authorize,
  confidentialClient,
  post,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { runVerb } from '../support/verb.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const SOURCE = { address: '127.0.0.1', requestId: 'test', userAgent: 'test' };

let server: TestServer;
let directory: string;

/** On a file and a port that it can be started on again. */
const start = (port: number) =>
  startServer({ port, environment: { GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}` } });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-gate-'));
  server = await start(await freePort());
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** All that one person and one client have of each grant. */
interface Held {
  readonly sub: string;
  readonly username: string;
  readonly app: Registered;
  /** A code that nobody spent yet. */
  readonly code: Authorized;
  readonly refresh_token: string;
  /** Of the person, and of the client itself. */
  readonly access_token: string;
  readonly own_token: string;
}

let count = 0;

async function hold(scope: string): Promise<Held> {
  count += 1;
  const username = `person${count}`;
  const { sub } = await server.user(username);
  const app = await confidentialClient(server, {
    scope: 'openid offline_access read',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  });
  const agent = createUserAgent(server.issuer);
  const options = { agent, username, more: { scope, prompt: 'consent' } };
  const { body } = await redeem(server, app, await authorize(server, app.client, options));
  const code = await authorize(server, app.client, options);
  const own = await post(server, '/token', { grant_type: 'client_credentials' }, app);
  const { refresh_token, access_token } = body;
  return { sub, username, app, code, refresh_token, access_token, own_token: own.body.access_token };
}

/** `ok`, or the reason that the audit has of the refusal. */
async function outcomeOf(ask: () => Promise<Answer>): Promise<string> {
  const before = new Set((await auditEvents(server)).map(({ event_id }) => event_id));
  const { status, body } = await ask();
  if (status === 200 && body.active !== false) return 'ok';
  if (status === 200) return 'inactive';
  const events = (await auditEvents(server)).filter(({ event_id }) => !before.has(event_id));
  return events.find(({ reason }) => reason !== null && reason !== undefined)?.reason ?? body.error ?? '401';
}

interface Outcomes {
  readonly code: string;
  readonly refresh: string;
  readonly client: string;
  readonly token: string;
  readonly own: string;
}

/** What each of them is good for. Introspection is asked by another client, which no state here is about. */
async function outcomes(held: Held): Promise<Outcomes> {
  const { app, code, refresh_token, access_token, own_token } = held;
  const token = await outcomeOf(() => userinfo(server, access_token));
  const own = await outcomeOf(() => post(server, '/introspect', { token: own_token }, app));
  return {
    client: await outcomeOf(() => post(server, '/token', { grant_type: 'client_credentials' }, app)),
    refresh: await outcomeOf(() => refresh(server, app, refresh_token)),
    code: await outcomeOf(() => redeem(server, app, code)),
    token,
    own,
  };
}

const ALL_GOOD: Outcomes = { code: 'ok', refresh: 'ok', client: 'ok', token: 'ok', own: 'ok' };

/** Of what a person granted; the client itself goes on. */
const person = (reason: string) => ({
  ...ALL_GOOD,
  code: reason,
  refresh: reason,
  token: 'token_not_active',
});
const ofPerson = (reason: string, of: Partial<Outcomes> = {}): Outcomes => ({ ...person(reason), ...of });

const disable = (held: Held, noun: 'user' | 'client', verb: 'disable' | 'enable') =>
  runVerb(
    server,
    noun,
    verb,
    noun === 'user' ? { user: held.sub } : { client_id: held.app.client.client_id },
  );

async function endSessionOf({ sub }: Held): Promise<void> {
  for (const { sid } of await listLiveSessions(server.gatehouse, sub))
    await endSession(server.gatehouse, sid, SOURCE);
}

describe.each(['openid', 'openid offline_access'])('with scope %s', (scope) => {
  const isOffline = scope.includes('offline_access');
  /** What ends with the session goes on with offline access. */
  const unlessOffline = (outcome: Outcomes): Outcomes => (isOffline ? ALL_GOOD : outcome);

  it('active: each of them is good', async () => {
    expect(await outcomes(await hold(scope))).toEqual(ALL_GOOD);
  });

  it('user disabled: nothing of the person', async () => {
    const held = await hold(scope);
    await disable(held, 'user', 'disable');
    expect(await outcomes(held)).toEqual(ofPerson('grant_revoked'));
  });

  it('user disabled and enabled: what was granted before stays invalid, by its epoch', async () => {
    const held = await hold(scope);
    await disable(held, 'user', 'disable');
    await disable(held, 'user', 'enable');
    expect(await outcomes(held)).toEqual(ofPerson('grant_revoked'));
  });

  it('client disabled: it proves itself for nothing', async () => {
    const held = await hold(scope);
    await disable(held, 'client', 'disable');
    const refused = 'client_disabled';
    expect(await outcomes(held)).toEqual({
      code: refused,
      refresh: refused,
      client: refused,
      own: refused,
      token: 'token_not_active',
    });
  });

  it('client disabled and enabled: new tokens for itself alone', async () => {
    const held = await hold(scope);
    await disable(held, 'client', 'disable');
    await disable(held, 'client', 'enable');
    expect(await outcomes(held)).toEqual(ofPerson('grant_revoked', { own: 'inactive' }));
  });

  it('session ended: nothing but offline access', async () => {
    const held = await hold(scope);
    await endSessionOf(held);
    expect(await outcomes(held)).toEqual(unlessOffline(ofPerson('session_ended')));
  });

  it('password set by the operator: nothing of the person', async () => {
    const held = await hold(scope);
    await runVerb(server, 'user', 'set-password', { user: held.sub, password: 'another correct horse' });
    expect(await outcomes(held)).toEqual(ofPerson('grant_revoked'));
  });

  it('grants revoked by the operator: nothing of the person', async () => {
    const held = await hold(scope);
    await runVerb(server, 'grant', 'revoke', { user: held.sub, client: held.app.client.client_id });
    expect(await outcomes(held)).toEqual(
      ofPerson('grant_revoked', { refresh: 'refresh_token_ended', code: 'grant_revoked' }),
    );
  });

  it('one grant revoked by the app: that one alone', async () => {
    const held = await hold(scope);
    expect((await post(server, '/revoke', { token: held.refresh_token }, held.app)).status).toBe(200);
    expect(await outcomes(held)).toEqual({
      ...ALL_GOOD,
      refresh: 'refresh_token_ended',
      token: 'token_not_active',
    });
  });

  it('consent withdrawn: nothing of the person', async () => {
    const held = await hold(scope);
    const [session] = await listLiveSessions(server.gatehouse, held.sub);
    if (!session) throw new Error('there is no session');
    await withdrawConsent(server.gatehouse, session, held.app.client.client_id, SOURCE);
    expect(await outcomes(held)).toEqual(ofPerson('grant_revoked', { refresh: 'refresh_token_ended' }));
  });

  it('a scope taken from the client: nothing that holds it', async () => {
    const held = await hold(scope);
    const { client_id } = held.app.client;
    await runVerb(server, 'client', 'update', { client_id, metadata: { scope: 'read' } });
    const told = await outcomes(held);
    expect([told.code, told.refresh]).toEqual(['scope_withdrawn', 'scope_withdrawn']);
    expect(told.client).toBe('ok');
  });

  it('code and access token expired: the refresh token still works', async () => {
    const held = await hold(scope);
    server.clock.advance(301_000);
    expect(await outcomes(held)).toEqual({
      ...ALL_GOOD,
      code: 'code_expired',
      token: 'token_not_active',
      own: 'inactive',
    });
  });

  it('the session unused for too long: nothing but offline access', async () => {
    const held = await hold(scope);
    server.clock.advance(server.gatehouse.settings.session_idle_seconds * 1000 + 1000);
    const { refresh: refreshed } = await outcomes(held);
    expect(refreshed).toBe(isOffline ? 'ok' : 'session_expired');
  });

  it('the refresh token unused for too long, or too old: nothing', async () => {
    const held = await hold(scope);
    const { refresh_token_idle_seconds, refresh_token_absolute_seconds } = server.gatehouse.settings;
    server.clock.advance(Math.min(refresh_token_idle_seconds, refresh_token_absolute_seconds) * 1000);
    expect((await outcomes(held)).refresh).toBe('refresh_token_ended');
  });
});

describe('after a restore', () => {
  let backup: string;
  afterEach(() => rmSync(backup, { force: true }));

  it.each(['openid', 'openid offline_access'])(
    'what was granted before is dead, with scope %s, and the client itself goes on',
    async (scope) => {
      const held = await hold(scope);
      backup = join(directory, 'backup.db');
      const parts = { url: `sqlite:${join(directory, 'gatehouse.db')}`, migrations, clock: server.clock };
      await backUp(parts, backup);
      const { clock } = server;
      const port = Number(new URL(server.issuer).port);
      await server.stop();
      await restore(parts, backup, { keepGrants: false, bringBack: false });
      server = await start(port);
      server.clock.advance(clock.nowMs() - server.clock.nowMs());
      const told = await outcomes(held);
      expect(told.client).toBe('ok');
      for (const one of ['code', 'refresh', 'token', 'own'] as const) expect(told[one], one).not.toBe('ok');
    },
  );
});

describe('what is asked for', () => {
  it('T13 a client that acts for itself and names no scope gets none that is about a person', async () => {
    const { app } = await hold('openid');
    const { body } = await post(server, '/token', { grant_type: 'client_credentials' }, app);
    expect(body.scope).toBe('read');
  });

  it('T9 where nothing of the scope was granted it is refused, and nothing is spent', async () => {
    const { app, refresh_token } = await hold('openid');
    const asked = { grant_type: 'refresh_token', refresh_token };
    const widened = () => post(server, '/token', { ...asked, scope: 'read' }, app);
    expect(await outcomeOf(widened)).toBe('scope_not_granted');
    expect(await outcomeOf(() => refresh(server, app, refresh_token))).toBe('ok');
  });

  it('T15 a resource that the grant has not is refused, and nothing is spent', async () => {
    const { app, refresh_token } = await hold('openid');
    const asked = { grant_type: 'refresh_token', refresh_token, resource: 'https://api.example' };
    expect(await post(server, '/token', asked, app)).toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });
    expect(await outcomeOf(() => refresh(server, app, refresh_token))).toBe('ok');
  });

  it('a grant that is bound to a key is refused where the request does not show it', async () => {
    const { app, sub, refresh_token } = await hold('openid');
    const bind = (confirmation: string | null) =>
      server.gatehouse.db.write((tx) =>
        tx.run('UPDATE grants SET confirmation = $1 WHERE sub = $2', confirmation, sub),
      );
    await bind('{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}');
    expect(await outcomeOf(() => refresh(server, app, refresh_token))).toBe('wrong_confirmation');
    await bind(null);
    expect(await outcomeOf(() => refresh(server, app, refresh_token))).toBe('ok');
  });
});
