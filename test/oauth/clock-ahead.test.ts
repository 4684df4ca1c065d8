/** What a clock wrote that was ahead, and was set right since, is not believed later; nor what a node ahead wrote. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCleanUp } from '../../src/storage/cleanup.ts';
import {
  type Authorized,
  authorize,
  authorizeUrl,
  confidentialClient,
  lastReason,
  newPkce,
  passPages,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const HOUR_MS = 3_600_000;
/** As much as clocks of two nodes may differ. */
const NODE_MS = 5000;
const WHO = { username: 'alice', password: PASSWORD };
let server: TestServer;
let app: Registered;

beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  await server.user();
  app = await publicClient(server);
});
// What is recorded is the later one.
beforeEach(() => server.clock.advance(1000));
afterAll(() => server.stop());

async function whileAheadBy<Result>(milliseconds: number, act: () => Promise<Result>): Promise<Result> {
  server.clock.advance(milliseconds);
  const result = await act();
  server.clock.advance(-milliseconds);
  return result;
}

const ask = (agent: UserAgent, more: Record<string, string>) =>
  agent.open(authorizeUrl(server, requestOf(app.client, newPkce(), more)));

async function refreshToken(): Promise<string> {
  return (await redeem(server, app, await authorize(server, app.client))).body.refresh_token;
}

describe('A032 a refresh token that was rotated', () => {
  it('while the clock was ahead is spent once it is set right', async () => {
    const first = await refreshToken();
    await whileAheadBy(2 * HOUR_MS, () => refresh(server, app, first));
    server.clock.advance(60_000);
    expect((await refresh(server, app, first)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('refresh_token_reused');
  });

  it('by a node that is ahead is in its grace at another', async () => {
    const first = await refreshToken();
    const rotated = await whileAheadBy(NODE_MS, () => refresh(server, app, first));
    const again = await refresh(server, app, first);
    expect(again.body.refresh_token).toBe(rotated.body.refresh_token);
  });
});

describe('Z20 max_age', () => {
  it('is not met by a sign-in of a clock that was ahead, and is by the next', async () => {
    const { agent } = await whileAheadBy(2 * HOUR_MS, () => authorize(server, app.client));
    const login = await ask(agent, { max_age: '60' });
    expect(login.body).toContain('name="password"');
    expect((await passPages(agent, login)).location).toContain('code=');
    expect((await ask(agent, { max_age: '60', prompt: 'none' })).location).toContain('code=');
  });

  it('is met by one at a node that is ahead', async () => {
    const { agent } = await whileAheadBy(NODE_MS, () => authorize(server, app.client));
    expect((await ask(agent, { max_age: '60', prompt: 'none' })).location).toContain('code=');
  });
});

it.each([NODE_MS, 2 * HOUR_MS])(
  'Z19 prompt=login asks once, though the sign-in was begun %i ms later',
  async (ms) => {
    const { agent } = await authorize(server, app.client);
    const login = await whileAheadBy(ms, () => ask(agent, { prompt: 'login' }));
    expect((await agent.submit(login, WHO)).location).toContain('code=');
  },
);

describe('a code', () => {
  const codeAheadBy = (ms: number): Promise<Authorized> =>
    whileAheadBy(ms, () => authorize(server, app.client, { agent: createUserAgent(server.issuer) }));

  it('of a clock that was ahead is none once it is set right: it would live for as long', async () => {
    const answer = await redeem(server, app, await codeAheadBy(2 * HOUR_MS));
    expect(answer.body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('code_expired');
  });

  it('of a node that is ahead is good at another', async () => {
    expect((await redeem(server, app, await codeAheadBy(NODE_MS))).status).toBe(200);
  });
});

it('an access token from a clock that was ahead is not good for as long as that', async () => {
  const { access_token } = await whileAheadBy(10 * HOUR_MS, async () => {
    const authorized = await authorize(server, app.client);
    return (await redeem(server, app, authorized)).body;
  });
  expect((await userinfo(server, access_token)).status).toBe(401);
  const { body } = await whileAheadBy(NODE_MS, async () =>
    redeem(server, app, await authorize(server, app.client)),
  );
  expect((await userinfo(server, body.access_token)).status).toBe(200);
});

it('an access token from a clock that was ahead, once revoked, is not good when its time comes', async () => {
  const aheadMs = 60_000;
  const { access_token } = await whileAheadBy(aheadMs, async () => {
    const authorized = await authorize(server, app.client);
    return (await redeem(server, app, authorized)).body;
  });
  expect((await post(server, '/revoke', { token: access_token }, app)).status).toBe(200);
  server.clock.advance(aheadMs);
  expect((await userinfo(server, access_token)).status).toBe(401);
});

describe('what is revoked while the clock is ahead stays so when it is set right', () => {
  /** Longer than tokens and sessions live. */
  const aheadMs = 50 * HOUR_MS;
  const revokeAhead = (token: string, as = app) =>
    whileAheadBy(aheadMs, async () => {
      expect((await post(server, '/revoke', { token }, as)).status).toBe(200);
      await createCleanUp(server.gatehouse).run();
    });

  it('an access token, and nothing else', async () => {
    const { body } = await redeem(server, app, await authorize(server, app.client));
    await revokeAhead(body.access_token);
    expect((await userinfo(server, body.access_token)).status).toBe(401);
    expect((await refresh(server, app, body.refresh_token)).status).toBe(200);
  });

  it.each(['openid', 'openid offline_access'])(
    'a refresh token of scope %s, also one that was rotated away',
    async (scope) => {
      const agent = createUserAgent(server.issuer);
      const authorized = await authorize(server, app.client, { agent, more: { scope } });
      const first = (await redeem(server, app, authorized)).body;
      const next = (await refresh(server, app, first.refresh_token)).body;
      await revokeAhead(first.refresh_token);
      expect((await refresh(server, app, next.refresh_token)).body.error).toBe('invalid_grant');
      expect((await userinfo(server, next.access_token)).status).toBe(401);
    },
  );

  it('a token of a client for itself', async () => {
    const own = await confidentialClient(server, { grant_types: ['client_credentials'], redirect_uris: [] });
    const { access_token } = (await post(server, '/token', { grant_type: 'client_credentials' }, own)).body;
    await revokeAhead(access_token, own);
    expect((await post(server, '/introspect', { token: access_token }, own)).body).toEqual({ active: false });
  });
});

it('a code is good, though a clock that was ahead dated all grants that a person and a client may have', async () => {
  const bounded = await startServer({ environment: { GATEHOUSE_GRANTS_PER_USER_AND_CLIENT: '2' } });
  bounded.clock.hold();
  await bounded.user();
  const client = await publicClient(bounded);
  const { agent } = await authorize(bounded, client.client);
  const again = async () => redeem(bounded, client, await authorize(bounded, client.client, { agent }));
  bounded.clock.advance(HOUR_MS);
  for (let count = 0; count < 3; count += 1) await again();
  bounded.clock.advance(-HOUR_MS);
  expect((await again()).status).toBe(200);
  await bounded.stop();
});
