// An OAuth provider of one's own as its documents have it: type oidc, issuer, clientId, clientSecret. They advise no checks beyond the default.
import { Auth } from '@auth/core';
import { CLIENT_ID, CLIENT_SECRET, ISSUER, listen, logoutUrl, newApp, ORIGIN, userinfoOf } from './app.mjs';

const config = {
  basePath: '/auth',
  trustHost: true,
  secret: 'a long secret of the app, for its cookies',
  providers: [
    {
      id: 'gatehouse',
      name: 'Gatehouse',
      type: 'oidc',
      issuer: ISSUER,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
    },
  ],
  callbacks: {
    async jwt({ token, account, profile }) {
      if (!account) return token;
      const { access_token, refresh_token, id_token: hint } = account;
      return { ...token, access_token, refresh_token, hint, claims: profile };
    },
    async session({ session, token }) {
      const { access_token, refresh_token, hint, claims } = token;
      return Object.assign(session, { access_token, refresh_token, hint, claims });
    },
    // Its "federated logout": without this the person could not be sent to the provider.
    redirect: async ({ url, baseUrl }) => (url.startsWith(`${ISSUER}/`) ? url : baseUrl),
  },
};

const app = newApp();
app.get('/me', async (request, response) => {
  const held = await (await handle(request, '/auth/session')).json();
  if (held === null) return response.json(null);
  const { access_token, claims } = held;
  response.json({ access_token, id_token: claims, userinfo: await userinfoOf(access_token) });
});
app.get('/login', (request, response) => pressed(request, response, '/auth/signin/gatehouse', ORIGIN));
app.get('/logout', async (request, response) => {
  const { hint } = await (await handle(request, '/auth/session')).json();
  await pressed(request, response, '/auth/signout', logoutUrl({ id_token_hint: hint }));
});
app.use(async (request, response, next) => {
  if (!request.path.startsWith('/auth/')) return next();
  await pass(await handle(request, request.url), response);
});
listen(app);

function handle({ headers, method }, path, body) {
  const { cookie = '', host, 'content-type': type = 'text/plain' } = headers;
  const sent = { cookie, host, 'content-type': body ? 'application/x-www-form-urlencoded' : type };
  return Auth(
    new Request(ORIGIN + path, { method: body ? 'POST' : method, headers: sent, ...(body && { body }) }),
    config,
  );
}

/** The button on its own sign-in and sign-out page. */
async function pressed(request, response, path, callbackUrl) {
  const tokens = await handle(request, '/auth/csrf');
  const cookies = tokens.headers.getSetCookie();
  const cookie = [request.headers.cookie, ...cookies.map((line) => line.split(';')[0])].filter(Boolean);
  const { csrfToken } = await tokens.json();
  const body = new URLSearchParams({ csrfToken, callbackUrl }).toString();
  for (const line of cookies) response.append('set-cookie', line);
  await pass(
    await handle({ ...request, headers: { ...request.headers, cookie: cookie.join('; ') } }, path, body),
    response,
  );
}

async function pass(answer, response) {
  for (const line of answer.headers.getSetCookie()) response.append('set-cookie', line);
  const location = answer.headers.get('location');
  if (location) response.set('location', location);
  response.status(answer.status).send(await answer.text());
}
