// Its README, and "Obtaining access tokens to call external APIs" of its EXAMPLES: the implicit flow is not offered here.
import express from 'express';
import { auth } from 'express-openid-connect';
import { CLIENT_ID, CLIENT_SECRET, ISSUER, listen, ORIGIN, SCOPE } from './app.mjs';

const app = express();
app.use(
  auth({
    issuerBaseURL: ISSUER,
    baseURL: ORIGIN,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secret: 'LONG_RANDOM_STRING_OF_THIRTY_TWO_OR_MORE',
    idpLogout: true,
    authRequired: false,
    authorizationParams: { response_type: 'code', scope: SCOPE },
  }),
);
app.get('/', (_request, response) => response.send('home'));
app.get('/me', async ({ oidc }, response) => {
  if (!oidc.isAuthenticated()) return response.json(null);
  const { access_token } = oidc.accessToken;
  response.json({ access_token, id_token: oidc.idTokenClaims, userinfo: await oidc.fetchUserInfo() });
});
app.get('/refresh', async ({ oidc }, response) => {
  const { access_token } = await oidc.accessToken.refresh();
  response.json({ access_token });
});
listen(app);
