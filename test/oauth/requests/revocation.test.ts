/** What ends where a client gives a token back, and what it is told. RFC 7009 §2. With more tokens: tokens-in-use.test.ts */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  auditEvents,
  authorize,
  CALLBACK,
  lastReason,
  post,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let app: Registered;
let other: Registered;
let agent: UserAgent;
beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  await server.user();
  const metadata = { redirect_uris: [CALLBACK], scope: 'openid offline_access', first_party: true };
  app = await server.client(metadata);
  other = await server.client(metadata);
  agent = createUserAgent(server.issuer);
});
afterAll(() => server.stop());

const tokens = async () => {
  const more = { scope: 'openid offline_access' };
  return (await redeem(server, app, await authorize(server, app.client, { agent, more }))).body;
};
const revoke = (token: string | undefined, as = app, more: Record<string, string> = {}) =>
  post(server, '/revoke', { ...(token !== undefined && { token }), ...more }, as);
const revoked = async () => (await auditEvents(server)).filter(({ type }) => type === 'token.revoked');

describe('K3 what ends', () => {
  it('with an access token is that token alone', async () => {
    const { access_token, refresh_token } = await tokens();
    expect((await revoke(access_token)).status).toBe(200);
    expect((await userinfo(server, access_token)).status).toBe(401);
    expect((await refresh(server, app, refresh_token)).status).toBe(200);
    expect((await revoked())[0]).toMatchObject({ details: { kind: 'access_token' } });
  });

  it('with a refresh token is its grant and every token of it, and of no other grant', async () => {
    const [first, second] = [await tokens(), await tokens()];
    expect((await revoke(first.refresh_token)).status).toBe(200);
    expect((await userinfo(server, first.access_token)).status).toBe(401);
    expect((await refresh(server, app, first.refresh_token)).body.error).toBe('invalid_grant');
    expect((await userinfo(server, second.access_token)).status).toBe(200);
  });

  it('RFC 7009 §2.1 with a refresh token that was rotated away, too', async () => {
    const first = await tokens();
    const { body } = await refresh(server, app, first.refresh_token);
    server.clock.advance(60_000);
    expect((await revoke(first.refresh_token)).status).toBe(200);
    expect((await refresh(server, app, body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('with a token that has expired is still told as ended, in case a clock is wrong', async () => {
    const { access_token } = await tokens();
    server.clock.advance(301_000);
    const before = (await revoked()).length;
    expect((await revoke(access_token)).status).toBe(200);
    expect((await revoked()).length).toBe(before + 1);
  });
});

describe('nothing ends, and the answer is', () => {
  it('K2 200 for a token that is unknown, or has ended before', async () => {
    const { refresh_token } = await tokens();
    await revoke(refresh_token);
    const before = (await revoked()).length;
    for (const token of ['unknown', 'eyJ', `${refresh_token}x`, refresh_token])
      expect((await revoke(token)).status, token).toBe(200);
    expect((await revoked()).length).toBe(before);
  });

  it('invalid_request without a token, with an empty one, or one of another client', async () => {
    const { access_token, refresh_token } = await tokens();
    for (const token of [undefined, '']) {
      expect((await revoke(token)).body.error).toBe('invalid_request');
      expect(await lastReason(server)).toBe('missing_token');
    }
    for (const token of [access_token, refresh_token]) {
      server.clock.advance(1000);
      expect((await revoke(token, other)).body.error).toBe('invalid_request');
      expect(await lastReason(server)).toBe('token_of_other_client');
    }
    expect((await userinfo(server, access_token)).status).toBe(200);
  });

  it('K1 invalid_client for whoever does not prove the client', async () => {
    const { access_token } = await tokens();
    const wrong = { ...app, client_secret: 'wrong' };
    expect((await revoke(access_token, wrong)).body.error).toBe('invalid_client');
    expect((await userinfo(server, access_token)).status).toBe(200);
  });
});

it('RFC 7009 §2.1 a hint is no more than a hint', async () => {
  const { access_token } = await tokens();
  expect((await revoke(access_token, app, { token_type_hint: 'refresh_token' })).status).toBe(200);
  expect((await userinfo(server, access_token)).status).toBe(401);
});
