/** The logout token, and what the answer to it means. OpenID Connect Back-Channel Logout 1.0 §2.4, §2.8 */
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBackChannelLogout } from '../../../src/oauth/notifications/back-channel-logout.ts';
import type { OutboundRequest } from '../../../src/outbound/send-to-checked-address.ts';
import { auditEvents, CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const URI = 'https://app.example.com/logout';

let server: TestServer;
let sent: OutboundRequest[] = [];
let answer: () => number = () => 200;
beforeAll(async () => {
  server = await startServer();
  await server.client({ client_id: 'app', redirect_uris: [CALLBACK], backchannel_logout_uri: URI });
  await server.client({ client_id: 'silent', redirect_uris: [CALLBACK] });
});
afterAll(() => server.stop());
beforeEach(() => {
  sent = [];
});

/** In the place of the app's own server. */
const outbound = async (request: OutboundRequest) => {
  sent.push(request);
  return { status: answer(), headers: {}, body: Buffer.alloc(0) };
};
const deliver = (notice: object) =>
  createBackChannelLogout({ ...server.gatehouse, outbound }).deliver({ sub: 'alice', ...notice });

describe('the logout token', () => {
  async function read() {
    const [request] = sent;
    const token = new URLSearchParams(request?.body).get('logout_token') ?? '';
    const keys = createLocalJWKSet({ keys: [...(await server.gatehouse.keys.published())] });
    const verified = await jwtVerify(token, keys, {
      issuer: server.issuer,
      audience: 'app',
      typ: 'logout+jwt',
    });
    return verified.payload;
  }

  it('§2.4 is signed as the app’s ID tokens are, is good for two minutes, and says what happened', async () => {
    await deliver({ client_id: 'app', sid: 's' });
    expect(sent).toMatchObject([{ url: URI, method: 'POST', selfRegistered: false }]);
    const { iat = 0, exp, jti, ...claims } = await read();
    expect(exp).toBe(iat + 120);
    expect(jti).toMatch(/^[\w-]{36}$/);
    expect(claims).toEqual({
      iss: server.issuer,
      sub: 'alice',
      aud: 'app',
      sid: 's',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
  });

  it('§2.4 has no nonce, and no sid where every session ended', async () => {
    await deliver({ client_id: 'app' });
    const claims = await read();
    expect(claims).not.toHaveProperty('sid');
    expect(claims).not.toHaveProperty('nonce');
  });
});

describe('the answer', () => {
  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [400, 'given_up'],
    [302, 'retry'],
    [404, 'retry'],
    [500, 'retry'],
  ])('§2.8 %d: %s, and the audit has it', async (status, outcome) => {
    answer = () => status;
    expect(await deliver({ client_id: 'app', sid: `${status}` })).toMatchObject({ outcome });
    const event = (await auditEvents(server)).find(({ sid }) => sid === `${status}`);
    expect(event?.type).toBe(outcome === 'delivered' ? 'logout.delivered' : 'logout.failed');
  });

  it('none is tried again', async () => {
    answer = () => {
      throw new Error('connect ECONNREFUSED');
    };
    expect(await deliver({ client_id: 'app' })).toEqual({ outcome: 'retry', error: 'connect ECONNREFUSED' });
  });
});

it('an app that is gone, or does not ask to be told, is told nothing, and that is done', async () => {
  for (const client_id of ['silent', 'unknown'])
    expect(await deliver({ client_id }), client_id).toEqual({ outcome: 'delivered' });
  expect(sent).toEqual([]);
});
