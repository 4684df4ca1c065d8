// "Generic OAuth 2.0 client" of its documents.
import * as arctic from 'arctic';
import { CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, logoutUrl, serve, userinfoOf } from './app.mjs';

const client = new arctic.OAuth2Client(CLIENT_ID, CLIENT_SECRET, CALLBACK);
const scopes = ['openid', 'profile', 'email'];
const tokenEndpoint = `${ISSUER}/token`;

function heldOf(tokens) {
  return { access_token: tokens.accessToken(), refresh_token: tokens.refreshToken() };
}

serve({
  async begin() {
    const state = arctic.generateState();
    return { url: client.createAuthorizationURL(`${ISSUER}/authorize`, state, scopes), kept: { state } };
  },
  async finish({ searchParams }, { state }) {
    if (searchParams.get('state') !== state) throw new Error('another state');
    const tokens = await client.validateAuthorizationCode(tokenEndpoint, searchParams.get('code'), null);
    const id_token = arctic.decodeIdToken(tokens.idToken());
    return { ...heldOf(tokens), id_token, userinfo: await userinfoOf(tokens.accessToken()) };
  },
  refresh: async ({ refresh_token }) =>
    heldOf(await client.refreshAccessToken(tokenEndpoint, refresh_token, scopes)),
  async leave({ refresh_token }) {
    await client.revokeToken(`${ISSUER}/revoke`, refresh_token);
    return logoutUrl();
  },
});
