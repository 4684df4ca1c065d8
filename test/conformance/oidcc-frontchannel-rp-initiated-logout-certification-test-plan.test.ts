import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Op, startOp } from './op.ts';
import { type Client, register, requestTo, responseOf, signIn } from './relying-party.ts';

describe('oidcc-frontchannel-rp-initiated-logout-certification-test-plan', () => {
  let op: Op;
  let client: Client;
  let after: string;

  beforeAll(async () => {
    op = await startOp();
    after = `${op.site.origin}/post_logout_redirect`;
    client = await register(op, {
      post_logout_redirect_uris: [after],
      frontchannel_logout_uri: `${op.site.origin}/frontchannel_logout?kept=1`,
      frontchannel_logout_session_required: true,
    });
  });
  afterAll(() => op.stop());

  it('oidcc-frontchannel-logout-discovery-endpoint-verification', () => {
    expect(op.metadata).toMatchObject({
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
      end_session_endpoint: expect.stringMatching(/^https:/),
    });
  });

  it('oidcc-frontchannel-rp-initiated-logout', async () => {
    const { body, claims, authorized } = await signIn(op, client);
    const { browser } = authorized;
    const parameters = { id_token_hint: body.id_token, post_logout_redirect_uri: after, state: 'front' };
    let page = await browser.open(`${op.metadata.end_session_endpoint}?${new URLSearchParams(parameters)}`);
    if (page.body.includes('id="confirm"')) page = await browser.submit(page, {});
    const frame = /<iframe\b[^>]*\bsrc="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&');
    const framed = new URL(frame ?? '');
    expect(`${framed.origin}${framed.pathname}`).toBe(`${op.site.origin}/frontchannel_logout`);
    expect(Object.fromEntries(framed.searchParams)).toEqual({ kept: '1', iss: op.issuer, sid: claims.sid });
    expect(page.headers.get('content-security-policy')).toContain(`frame-src ${op.site.origin}`);
    // The page itself goes on; without JavaScript the person does.
    expect(page.body.replaceAll('&amp;', '&')).toContain(`${after}?state=front`);
    const asked = await browser.open(requestTo(op, client, { prompt: 'none' }).url);
    expect(responseOf(asked, client).get('error')).toBe('login_required');
  });
});
