import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CALLBACK, confidentialClient, passPages, publicClient, type Registered } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const BYE = 'https://app.example.com/bye';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user('alice', { name: 'Alice Adler' });
});
afterAll(() => server.stop());

async function discover({ client, client_secret }: Registered): Promise<oidc.Configuration> {
  const method = client_secret === undefined ? oidc.None() : oidc.ClientSecretBasic(client_secret);
  const options = { execute: [oidc.allowInsecureRequests] };
  const metadata = { id_token_signed_response_alg: client.metadata.id_token_signed_response_alg };
  return oidc.discovery(new URL(server.issuer), client.client_id, metadata, method, options);
}

/** `more` are further parameters of the authorization request. */
async function signIn(
  config: oidc.Configuration,
  agent: UserAgent = createUserAgent(server.issuer),
  more: Record<string, string> = {},
): Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...more,
  });
  const answered = await passPages(agent, await agent.open(url.href));
  const callback = new URL(answered.location ?? '');
  return oidc.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier,
    expectedState,
    expectedNonce,
    idTokenExpected: true,
  });
}

it('openid-client: a confidential client discovers, signs in, refreshes, asks userinfo, introspects and revokes', async () => {
  const config = await discover(await confidentialClient(server));
  oidc.enableNonRepudiationChecks(config);
  const tokens = await signIn(config);
  const sub = tokens.claims()?.sub ?? '';
  const person = await oidc.fetchUserInfo(config, tokens.access_token, sub);
  expect(person).toMatchObject({
    name: 'Alice Adler',
    email: 'alice@example.com',
    preferred_username: 'alice',
  });
  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(renewed.claims()?.sub).toBe(sub);
  expect((await oidc.tokenIntrospection(config, renewed.access_token)).active).toBe(true);
  await oidc.tokenRevocation(config, renewed.refresh_token ?? '');
  expect((await oidc.tokenIntrospection(config, renewed.access_token)).active).toBe(false);
});

it('openid-client: a public client discovers, signs in, refreshes, asks userinfo and revokes', async () => {
  const config = await discover(await publicClient(server));
  oidc.enableNonRepudiationChecks(config);
  const tokens = await signIn(config);
  const sub = tokens.claims()?.sub ?? '';
  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  await oidc.fetchUserInfo(config, renewed.access_token, sub);
  await oidc.tokenRevocation(config, renewed.refresh_token ?? '');
  await expect(oidc.fetchUserInfo(config, renewed.access_token, sub)).rejects.toThrow();
});

it('openid-client: a sign-out ends the session and what was refreshed with it, and leaves offline_access', async () => {
  const agent = createUserAgent(server.issuer);
  const config = await discover(await confidentialClient(server, { post_logout_redirect_uris: [BYE] }));
  const tokens = await signIn(config, agent, { scope: 'openid' });
  const online = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  const offline = await signIn(config, agent, {
    scope: 'openid offline_access',
    prompt: 'consent',
  });
  const state = oidc.randomState();
  const url = oidc.buildEndSessionUrl(config, {
    id_token_hint: online.id_token ?? '',
    post_logout_redirect_uri: BYE,
    state,
  });
  expect((await agent.open(url.href)).location).toBe(`${BYE}?state=${state}`);
  await expect(signIn(config, agent, { scope: 'openid', prompt: 'none' })).rejects.toMatchObject({
    error: 'login_required',
  });
  await expect(oidc.refreshTokenGrant(config, online.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  const renewed = await oidc.refreshTokenGrant(config, offline.refresh_token ?? '');
  await oidc.fetchUserInfo(config, renewed.access_token, offline.claims()?.sub ?? '');
});

it('openid-client: client_credentials', async () => {
  const client = await server.client({ grant_types: ['client_credentials'], scope: 'read' });
  const tokens = await oidc.clientCredentialsGrant(await discover(client), { scope: 'read' });
  expect(tokens.token_type).toBe('bearer');
});
