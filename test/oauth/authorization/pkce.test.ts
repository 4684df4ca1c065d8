/** Who must send PKCE, and what the refusal says to who did not. RFC 9700 §2.1.1 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorize, authorizeUrl, CALLBACK, newPkce, post, redeem, requestOf } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

const register = (more: Record<string, unknown>) => server.client({ redirect_uris: [CALLBACK], ...more });

const IN_CLEAR_TEXT = { redirect_uris: ['http://nas:5000/cb'], insecure_redirect_uris: true };

/** What the client hears of a request without PKCE; undefined where it was taken. */
async function withoutPkce(
  metadata: Record<string, unknown>,
  scope: string,
  more: Record<string, string> = {},
) {
  const { client } = await register({ scope: 'openid read', ...metadata });
  const { code_challenge, code_challenge_method, ...request } = requestOf(client, newPkce(), { scope });
  const { location } = await createUserAgent(server.issuer).fetch(
    authorizeUrl(server, { ...request, ...more }),
  );
  return new URL(location ?? '').searchParams.get('error_description') ?? undefined;
}

it('a client without --profile is an oidc client whose ID tokens are RS256', async () => {
  const { client } = await register({});
  expect([client.profile, client.metadata.id_token_signed_response_alg]).toEqual(['oidc', 'RS256']);
});

describe('Z12 PKCE is', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['openid', 'openid', {}],
    ['openid and more', 'openid read', {}],
    ['no openid, but with require_pkce false', 'read', { require_pkce: false }],
  ])('left to a confidential client that asks for %s', async (_what, scope, metadata) => {
    expect(await withoutPkce(metadata, scope)).toBeUndefined();
  });

  it.each<[string, string, Record<string, unknown>, RegExp]>([
    ['a public client', 'openid', { token_endpoint_auth_method: 'none' }, /a public client sends PKCE/],
    ['a request without openid', 'read', {}, /require_pkce to false/],
    ['require_pkce true', 'openid', { require_pkce: true }, /registered with require_pkce/],
    ['profile oauth2.1', 'openid', { profile: 'oauth2.1' }, /profile oauth2.1 demands PKCE/],
    ['insecure_redirect_uris, whatever the scope', 'openid', IN_CLEAR_TEXT, /may travel in clear text/],
    [
      'insecure_redirect_uris with https too',
      'openid',
      { insecure_redirect_uris: true },
      /may travel in clear text/,
    ],
  ])('demanded of %s, and the refusal says why', async (_what, scope, metadata, told) => {
    expect(await withoutPkce(metadata, scope)).toMatch(told);
  });
});

it.each([{}, { require_pkce: false }])(
  'code_challenge_method alone is told to be half of PKCE: %j',
  async (own) => {
    const told = await withoutPkce(own, 'openid', { code_challenge_method: 'S256' });
    expect(told).toBe('code_challenge is missing beside code_challenge_method: send both, or neither');
  },
);

it.each<[string, Record<string, unknown>, RegExp]>([
  ['a public client', { token_endpoint_auth_method: 'none' }, /public client/],
  ['profile oauth2.1', { profile: 'oauth2.1' }, /use profile oidc/],
])('require_pkce false is no choice for %s', async (_what, metadata, told) => {
  await expect(register({ ...metadata, require_pkce: false })).rejects.toThrow(told);
});

it('Z5 an app on a private host gets its code by http, and tokens for it with its secret and its verifier alone', async () => {
  const app = await register(IN_CLEAR_TEXT);
  const authorized = await authorize(server, app.client);
  expect(authorized.code).not.toBe('');
  const { code_verifier } = newPkce();
  expect((await redeem(server, app, authorized, { code_verifier })).body.error).toBe('invalid_grant');
  expect((await redeem(server, app, authorized)).status).toBe(200);
});

it('A020 PKCE is never downgraded: the verifier must be sent, and only where there was a challenge', async () => {
  const app = await register({});
  const redeemWith = (code: string, more: Record<string, string>) =>
    post(server, '/token', { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...more }, app);
  const { code, pkce } = await authorize(server, app.client);
  expect((await redeemWith(code, {})).body.error).toBe('invalid_grant');
  expect((await redeemWith(code, { code_verifier: pkce.code_verifier })).status).toBe(200);
  const bare = await authorize(server, app.client, {
    more: { code_challenge: '', code_challenge_method: '', nonce: 'n' },
  });
  expect((await redeemWith(bare.code, { code_verifier: pkce.code_verifier })).body.error).toBe(
    'invalid_grant',
  );
});
