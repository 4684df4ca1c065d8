// Its README's quick start and "Authorization Code Flow".
import * as client from 'openid-client';
import { CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, ORIGIN, SCOPE, serve } from './app.mjs';

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET);

serve({
  async begin() {
    const code_verifier = client.randomPKCECodeVerifier();
    const parameters = {
      redirect_uri: CALLBACK,
      scope: SCOPE,
      code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
      code_challenge_method: 'S256',
    };
    let state;
    if (!config.serverMetadata().supportsPKCE()) {
      state = client.randomState();
      parameters.state = state;
    }
    return { url: client.buildAuthorizationUrl(config, parameters), kept: { code_verifier, state } };
  },
  async finish(url, { code_verifier, state }) {
    const checks = { pkceCodeVerifier: code_verifier, expectedState: state };
    const tokens = await client.authorizationCodeGrant(config, url, checks);
    const id_token = tokens.claims();
    const userinfo = await client.fetchUserInfo(config, tokens.access_token, id_token.sub);
    return { ...tokens, hint: tokens.id_token, id_token, userinfo };
  },
  async refresh({ refresh_token }) {
    const { id_token: _again, ...tokens } = await client.refreshTokenGrant(config, refresh_token);
    return tokens;
  },
  introspect: ({ access_token }) => client.tokenIntrospection(config, access_token),
  leave: ({ hint }) =>
    client.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: `${ORIGIN}/` }),
});
