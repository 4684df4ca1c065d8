// Its examples/oidc.ts, with examples/code.ts for the rest.
import * as oauth from 'oauth4webapi';
import { CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, logoutUrl, SCOPE, serve } from './app.mjs';

const issuer = new URL(ISSUER);
const as = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: 'oidc' }),
);
const client = { client_id: CLIENT_ID };
const clientAuth = oauth.ClientSecretPost(CLIENT_SECRET);

serve({
  async begin() {
    const code_verifier = oauth.generateRandomCodeVerifier();
    const url = new URL(as.authorization_endpoint);
    url.searchParams.set('client_id', client.client_id);
    url.searchParams.set('redirect_uri', CALLBACK);
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('scope', SCOPE);
    url.searchParams.set('code_challenge', await oauth.calculatePKCECodeChallenge(code_verifier));
    url.searchParams.set('code_challenge_method', 'S256');
    return { url, kept: { code_verifier } };
  },
  async finish(url, { code_verifier }) {
    const answer = oauth.validateAuthResponse(as, client, url);
    const redeemed = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      clientAuth,
      answer,
      CALLBACK,
      code_verifier,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, redeemed, {
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(as, redeemed);
    const id_token = oauth.getValidatedIdTokenClaims(tokens);
    const asked = await oauth.userInfoRequest(as, client, tokens.access_token);
    const userinfo = await oauth.processUserInfoResponse(as, client, id_token.sub, asked);
    return { ...tokens, hint: tokens.id_token, id_token, userinfo };
  },
  async refresh({ refresh_token }) {
    const answer = await oauth.refreshTokenGrantRequest(as, client, clientAuth, refresh_token);
    const { id_token: _again, ...tokens } = await oauth.processRefreshTokenResponse(as, client, answer);
    return tokens;
  },
  async introspect({ access_token }) {
    const answer = await oauth.introspectionRequest(as, client, clientAuth, access_token);
    return oauth.processIntrospectionResponse(as, client, answer);
  },
  leave: ({ hint }) => logoutUrl({ id_token_hint: hint }),
});
