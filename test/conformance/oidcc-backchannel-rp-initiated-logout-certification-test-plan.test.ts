import { createLocalJWKSet, decodeProtectedHeader, type JWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Op, startOp } from './op.ts';
import { type Client, register, requestTo, responseOf, signIn } from './relying-party.ts';

describe('oidcc-backchannel-rp-initiated-logout-certification-test-plan', () => {
  let op: Op;
  let client: Client;
  let after: string;

  beforeAll(async () => {
    op = await startOp();
    after = `${op.site.origin}/post_logout_redirect`;
    op.site.answers.set('/backchannel_logout', { type: 'text/plain', body: '' });
    client = await register(op, {
      post_logout_redirect_uris: [after],
      backchannel_logout_uri: `${op.site.origin}/backchannel_logout`,
      backchannel_logout_session_required: true,
    });
  });
  afterAll(() => op.stop());

  it('oidcc-backchannel-logout-discovery-endpoint-verification', () => {
    expect(op.metadata).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      end_session_endpoint: expect.stringMatching(/^https:/),
    });
  });

  it('oidcc-backchannel-rp-initiated-logout', async () => {
    const { body, claims, authorized } = await signIn(op, client);
    const { browser } = authorized;
    const parameters = { id_token_hint: body.id_token, post_logout_redirect_uri: after, state: 'back' };
    const query = new URLSearchParams(parameters);
    let page = await browser.open(`${op.metadata.end_session_endpoint}?${query}`);
    if (page.body.includes('id="confirm"')) page = await browser.submit(page, {});
    expect(page.location).toBe(`${after}?state=back`);
    // It came before the browser was sent on.
    const told = op.site.requests.filter(({ path }) => path === '/backchannel_logout');
    expect(told).toHaveLength(1);
    expect(told[0]?.method).toBe('POST');
    const form = new URLSearchParams(told[0]?.body);
    expect([...form.keys()]).toEqual(['logout_token']);
    await expectLogoutToken(form.get('logout_token') ?? '', claims);
    const asked = await browser.open(requestTo(op, client, { prompt: 'none' }).url);
    expect(responseOf(asked, client).get('error')).toBe('login_required');
  });

  async function expectLogoutToken(
    token: string,
    { sid, sub }: { sid?: string; sub?: string },
  ): Promise<void> {
    const jwks = (await (await op.send(op.metadata.jwks_uri)).json()) as { keys: JWK[] };
    const currentDate = new Date(op.server.clock.nowMs());
    const wanted = { issuer: op.issuer, audience: client.client_id, typ: 'logout+jwt', currentDate };
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), wanted);
    expect(decodeProtectedHeader(token).alg).toBe('RS256');
    expect(payload.events).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
    expect(payload).toMatchObject({
      sid,
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    if (payload.sub !== undefined) expect(payload.sub).toBe(sub);
    expect(payload).not.toHaveProperty('nonce');
  }
});
