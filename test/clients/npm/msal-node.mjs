// Its samples auth-code and silent-flow, with protocolMode OIDC as its documents have it for providers that are not Microsoft's.
import * as msal from '@azure/msal-node';
import { CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, logoutUrl, serve, userinfoOf } from './app.mjs';

const app = new msal.ConfidentialClientApplication({
  auth: {
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    authority: ISSUER,
    knownAuthorities: [new URL(ISSUER).host],
  },
  system: { protocolMode: msal.ProtocolMode.OIDC },
});
const request = { scopes: ['openid', 'profile', 'email'], redirectUri: CALLBACK };

function heldOf({ accessToken, idTokenClaims, idToken, account }) {
  return { access_token: accessToken, id_token: idTokenClaims, hint: idToken, account };
}

serve({
  begin: async () => ({ url: await app.getAuthCodeUrl(request) }),
  async finish(url) {
    const code = url.searchParams.get('code');
    const held = heldOf(await app.acquireTokenByCode({ ...request, code }));
    return { ...held, userinfo: await userinfoOf(held.access_token) };
  },
  refresh: async ({ account }) =>
    heldOf(await app.acquireTokenSilent({ ...request, account, forceRefresh: true })),
  leave: ({ hint }) => logoutUrl({ id_token_hint: hint }),
});
