import { randomUUID } from 'node:crypto';
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rotateKeys } from '../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { type Op, startOp } from './op.ts';
import {
  askToken,
  askUserinfo,
  type Client,
  type ClientKey,
  register,
  requestTo,
  responseOf,
  signAssertion,
  signIn,
  tryRegister,
  walk,
} from './relying-party.ts';

describe('oidcc-dynamic-certification-test-plan[response_type=code]', () => {
  let op: Op;
  let key: ClientKey;
  let jwk: JWK;
  const method = { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'RS256' };

  beforeAll(async () => {
    op = await startOp();
    ({ key, jwk } = await newKey());
  });
  afterAll(() => op.stop());

  const newClient = (metadata = {}) => register(op, { ...method, jwks: { keys: [jwk] }, ...metadata });
  const go = (client: Client, more = {}) => signIn(op, client, more, { key });

  it('oidcc-server', async () => {
    await go(await newClient());
  });

  it('oidcc-idtoken-rs256', async () => {
    const { body } = await go(await newClient({ id_token_signed_response_alg: 'RS256' }));
    expect(decodeProtectedHeader(body.id_token).alg).toBe('RS256');
  });

  it('oidcc-idtoken-unsigned (refused, as it is not advertised)', async () => {
    expect(op.metadata.id_token_signing_alg_values_supported).not.toContain('none');
    expect((await tryRegister(op, { id_token_signed_response_alg: 'none' })).status).toBe(400);
  });

  it('oidcc-userinfo-rs256', async () => {
    const client = await newClient({ userinfo_signed_response_alg: 'RS256' });
    const { body, claims } = await go(client, { scope: 'openid email' });
    const answer = await askUserinfo(op, body.access_token);
    expect(answer.headers.get('content-type')).toMatch(/^application\/jwt/);
    const jwks = (await (await op.send(op.metadata.jwks_uri)).json()) as { keys: JWK[] };
    const currentDate = new Date(op.server.clock.nowMs());
    const wanted = { issuer: op.issuer, audience: client.client_id, algorithms: ['RS256'], currentDate };
    const { payload } = await jwtVerify(answer.body, createLocalJWKSet(jwks), wanted);
    expect(payload).toMatchObject({ sub: claims.sub, email: 'alice@example.com' });
  });

  it('oidcc-ensure-redirect-uri-in-authorization-request', async () => {
    const redirect_uris = [`${op.site.origin}/callback`, `${op.site.origin}/other`];
    const client = await newClient({ redirect_uris });
    const page = await op.newBrowser().open(requestTo(op, client, { redirect_uri: undefined }).url);
    expect(page).toMatchObject({ status: 400, location: undefined });
  });

  it('oidcc-redirect-uri-query-OK, -query-mismatch, -query-added', async () => {
    const redirect_uri = `${op.site.origin}/callback?foo=bar`;
    const client = await newClient({ redirect_uris: [redirect_uri] });
    const { authorized } = await go(client);
    expect(authorized.response.get('foo')).toBe('bar');
    for (const other of [`${op.site.origin}/callback?foo=other`, `${redirect_uri}&more=1`]) {
      const page = await op.newBrowser().open(requestTo(op, client, { redirect_uri: other }).url);
      expect(page).toMatchObject({ status: 400, location: undefined });
    }
    const plain = await newClient();
    const added = requestTo(op, plain, { redirect_uri: redirect_uri });
    expect(await op.newBrowser().open(added.url)).toMatchObject({ status: 400, location: undefined });
  });

  it('oidcc-redirect-uri-regfrag', async () => {
    const { status, body } = await tryRegister(op, { redirect_uris: [`${op.site.origin}/callback#foobar`] });
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_redirect_uri' });
  });

  it('oidcc-discovery-endpoint-verification', () => {
    expect(op.metadata.registration_endpoint).toMatch(/^https:/);
    expect(op.metadata.token_endpoint_auth_methods_supported).toContain('private_key_jwt');
    expect(op.metadata.token_endpoint_auth_signing_alg_values_supported).toContain('RS256');
  });

  it('oidcc-registration-logo-uri, -policy-uri, -tos-uri: shown where the person signs in', async () => {
    op.site.answers.set('/logo.gif', { type: 'image/gif', body: 'GIF89a\x01\x00\x01\x00\x00\x00\x00;' });
    const [logo_uri, policy_uri, tos_uri] = ['logo.gif', 'policy', 'tos'].map(
      (name) => `${op.site.origin}/${name}`,
    );
    const client = await newClient({ logo_uri, policy_uri, tos_uri });
    const { body } = await op.newBrowser().open(requestTo(op, client).url);
    expect(body).toContain(`href="${policy_uri}"`);
    expect(body).toContain(`href="${tos_uri}"`);
    expect(body).toMatch(/<img\b[^>]*class="[^"]*logo/);
  });

  it('oidcc-registration-jwks-uri', async () => {
    op.site.answers.set('/jwks.json', { type: 'application/json', body: JSON.stringify({ keys: [jwk] }) });
    const client = await register(op, { ...method, jwks_uri: `${op.site.origin}/jwks.json` });
    await go(client);
  });

  it('oidcc-registration-sector-uri, -sector-bad', async () => {
    const sector_identifier_uri = `${op.site.origin}/sector.json`;
    const metadata = { subject_type: 'pairwise', sector_identifier_uri };
    const answer = (uris: string[]) =>
      op.site.answers.set('/sector.json', { type: 'application/json', body: JSON.stringify(uris) });
    answer([`${op.site.origin}/callback`]);
    const { claims } = await go(await newClient(metadata));
    expect(claims.sub).not.toBe((await go(await newClient())).claims.sub);
    answer(['https://elsewhere.example.com/callback']);
    const refused = await tryRegister(op, metadata);
    expect({ status: refused.status, error: refused.body.error }).toEqual({
      status: 400,
      error: 'invalid_client_metadata',
    });
  });

  it('oidcc-server-rotate-keys', async () => {
    const kids = async () => {
      const { keys } = (await (await op.send(op.metadata.jwks_uri)).json()) as { keys: JWK[] };
      // The suite's own reader stops at a key of another kind.
      for (const { kty } of keys) expect(['RSA', 'EC']).toContain(kty);
      return keys.map(({ kid }) => kid);
    };
    const before = await kids();
    const client = await newClient();
    const first = await go(client);
    await rotateKeys(op.server.gatehouse, { now: true });
    expect(await kids()).toEqual(expect.arrayContaining(before));
    expect((await kids()).length).toBeGreaterThan(before.length);
    const second = await go(client);
    const kidOf = (token: string) => decodeProtectedHeader(token).kid;
    expect(kidOf(second.body.id_token)).not.toBe(kidOf(first.body.id_token));
  });

  it('oidcc-refresh-token', async () => {
    const client = await newClient();
    const { body } = await go(client, { scope: 'openid offline_access', prompt: 'consent' });
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect((await askToken(op, client, form, key)).status).toBe(200);
  });

  it('oidcc-refresh-token-rp-key-rotation', async () => {
    const publish = (keys: JWK[]) =>
      op.site.answers.set('/rotating.json', { type: 'application/json', body: JSON.stringify({ keys }) });
    publish([jwk]);
    const client = await register(op, { ...method, jwks_uri: `${op.site.origin}/rotating.json` });
    const { body } = await go(client, { scope: 'openid offline_access', prompt: 'consent' });
    const next = await newKey();
    publish([next.jwk]);
    op.server.clock.advance(60_000);
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect((await askToken(op, client, form, next.key)).status).toBe(200);
  });

  it('oidcc-request-uri-signed-rs256 and oidcc-ensure-request-object-with-redirect-uri: refused by name', async () => {
    const client = await newClient();
    const request = await new SignJWT({ client_id: client.client_id, state: 'inside', jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .sign(key.privateKey);
    op.site.answers.set('/request.jwt', { type: 'application/oauth-authz-req+jwt', body: request });
    for (const [name, value] of [
      ['request_uri', `${op.site.origin}/request.jwt`],
      ['request', request],
    ] as const) {
      const browser = op.newBrowser();
      const { page } = await walk(browser, await browser.open(requestTo(op, client, { [name]: value }).url));
      expect(responseOf(page, client).get('error')).toBe(`${name}_not_supported`);
      expect(op.metadata[`${name}_parameter_supported`]).toBe(false);
    }
  });

  it('oidcc-ensure-client-assertion-with-iss-aud-succeeds', async () => {
    const client = await newClient();
    const { body } = await go(client, { scope: 'openid offline_access', prompt: 'consent' });
    const form = {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await signAssertion(op, client.client_id, key, op.issuer),
    };
    expect((await askToken(op, client, form)).status).toBe(200);
  });
});

async function newKey(): Promise<{ key: ClientKey; jwk: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const kid = randomUUID();
  return {
    key: { kid, privateKey },
    jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' },
  };
}
