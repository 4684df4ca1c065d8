// Its README's "Authorization Code Grant" and "Access Token".
import { AuthorizationCode } from 'simple-oauth2';
import { CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, logoutUrl, SCOPE, serve, userinfoOf } from './app.mjs';

const client = new AuthorizationCode({
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
  auth: { tokenHost: ISSUER, tokenPath: '/token', authorizePath: '/authorize', revokePath: '/revoke' },
});

serve({
  async begin() {
    const state = crypto.randomUUID();
    return { url: client.authorizeURL({ redirect_uri: CALLBACK, scope: SCOPE, state }), kept: { state } };
  },
  async finish({ searchParams }, { state }) {
    if (searchParams.get('state') !== state) throw new Error('another state');
    const parameters = { code: searchParams.get('code'), redirect_uri: CALLBACK, scope: SCOPE };
    const { token } = await client.getToken(parameters);
    return { access_token: token.access_token, token, userinfo: await userinfoOf(token.access_token) };
  },
  async refresh({ token }) {
    const { token: renewed } = await client.createToken(token).refresh();
    return { access_token: renewed.access_token, token: renewed };
  },
  async leave({ token }) {
    await client.createToken(token).revokeAll();
    return logoutUrl();
  },
});
