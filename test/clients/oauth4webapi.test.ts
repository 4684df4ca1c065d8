import { generateKeyPairSync } from 'node:crypto';
import { compactDecrypt } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CALLBACK, confidentialClient, passPages, publicClient, type Registered } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const insecure = { [oauth.allowInsecureRequests]: true };

let server: TestServer;
let as: oauth.AuthorizationServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
  const issuer = new URL(server.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  as = await oauth.processDiscoveryResponse(issuer, response);
});
afterAll(() => server.stop());

/** The code flow with every check that the library has, signatures included. */
async function signIn(registered: Registered, auth: oauth.ClientAuth, decrypt?: oauth.JweDecryptFunction) {
  const client: oauth.Client = {
    client_id: registered.client.client_id,
    id_token_signed_response_alg: registered.client.metadata.id_token_signed_response_alg,
  };
  const code_verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const url = new URL(as.authorization_endpoint ?? '');
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email',
    code_challenge: await oauth.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  }).toString();
  const agent = createUserAgent(server.issuer);
  const answered = await passPages(agent, await agent.open(url.href));
  const parameters = oauth.validateAuthResponse(as, client, new URL(answered.location ?? ''), state);
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    auth,
    parameters,
    CALLBACK,
    code_verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
    ...(decrypt && { [oauth.jweDecrypt]: decrypt }),
  });
  if (!decrypt) await oauth.validateApplicationLevelSignature(as, response, insecure);
  return { client, tokens, sub: oauth.getValidatedIdTokenClaims(tokens)?.sub ?? '' };
}

async function refreshAndAsk(
  client: oauth.Client,
  auth: oauth.ClientAuth,
  refresh_token: string,
  sub: string,
) {
  const response = await oauth.refreshTokenGrantRequest(as, client, auth, refresh_token, insecure);
  const renewed = await oauth.processRefreshTokenResponse(as, client, response);
  const answer = await oauth.userInfoRequest(as, client, renewed.access_token, insecure);
  expect(await oauth.processUserInfoResponse(as, client, sub, answer)).toMatchObject({
    email: 'alice@example.com',
  });
  return renewed;
}

it('oauth4webapi: a confidential client goes the whole way and validates everything', async () => {
  const registered = await confidentialClient(server, { token_endpoint_auth_method: 'client_secret_post' });
  const auth = oauth.ClientSecretPost(registered.client_secret ?? '');
  const { client, tokens, sub } = await signIn(registered, auth);
  const renewed = await refreshAndAsk(client, auth, tokens.refresh_token ?? '', sub);
  const introspect = async () => {
    const response = await oauth.introspectionRequest(as, client, auth, renewed.access_token, insecure);
    return (await oauth.processIntrospectionResponse(as, client, response)).active;
  };
  expect(await introspect()).toBe(true);
  const revoked = await oauth.revocationRequest(as, client, auth, renewed.refresh_token ?? '', insecure);
  await oauth.processRevocationResponse(revoked);
  expect(await introspect()).toBe(false);
});

it('oauth4webapi: a public client goes the whole way and validates everything', async () => {
  const { client, tokens, sub } = await signIn(await publicClient(server), oauth.None());
  const renewed = await refreshAndAsk(client, oauth.None(), tokens.refresh_token ?? '', sub);
  const revoked = await oauth.revocationRequest(
    as,
    client,
    oauth.None(),
    renewed.refresh_token ?? '',
    insecure,
  );
  await oauth.processRevocationResponse(revoked);
});

it('oauth4webapi: the access token is a valid RFC 9068 JWT for the resource server', async () => {
  const { tokens } = await signIn(await publicClient(server), oauth.None());
  const request = new Request('https://api.example.com/', {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  const claims = await oauth.validateJwtAccessToken(as, request, server.issuer, insecure);
  expect(claims.iss).toBe(server.issuer);
});

it('oauth4webapi: a client with a pairwise sub reads signed and encrypted ID tokens and userinfo', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const registered = await confidentialClient(server, {
    token_endpoint_auth_method: 'client_secret_post',
    subject_type: 'pairwise',
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'enc' }] },
    id_token_signed_response_alg: 'PS256',
    id_token_encrypted_response_alg: 'ECDH-ES+A256KW',
    userinfo_signed_response_alg: 'EdDSA',
    userinfo_encrypted_response_alg: 'ECDH-ES',
    userinfo_encrypted_response_enc: 'A256GCM',
  });
  const decrypt = async (jwe: string) =>
    new TextDecoder().decode((await compactDecrypt(jwe, privateKey)).plaintext);
  const auth = oauth.ClientSecretPost(registered.client_secret ?? '');
  const { client, tokens, sub } = await signIn(registered, auth, decrypt);
  const answer = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
  const reader = { ...client, userinfo_signed_response_alg: 'EdDSA' };
  const claims = await oauth.processUserInfoResponse(as, reader, sub, answer, {
    [oauth.jweDecrypt]: decrypt,
  });
  expect(claims).toMatchObject({
    sub,
    email: 'alice@example.com',
    iss: server.issuer,
    aud: client.client_id,
  });
});
