import express from 'express';
import openid from 'express-openid-connect';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { newVisitor, startWebApp, type WebApp } from './web-app.ts';

let server: TestServer;
let app: WebApp;
beforeAll(async () => {
  server = await startServer();
  await server.user('alice', { name: 'Alice Adler' });
  app = await startWebApp(makeApp);
});
afterAll(async () => {
  await app.close();
  await server.stop();
});

async function makeApp(origin: string) {
  const { client, client_secret = '' } = await server.client({
    profile: 'oidc',
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [origin],
  });
  const web = express();
  web.use(
    openid.auth({
      issuerBaseURL: server.issuer,
      baseURL: origin,
      clientID: client.client_id,
      clientSecret: client_secret,
      secret: 'a long secret of the app, for its cookies',
      authRequired: false,
      idpLogout: true,
      authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
      session: { cookie: { secure: false, sameSite: 'Lax' } },
      transactionCookie: { sameSite: 'Lax' },
    }),
  );
  web.get('/me', async (request, response) => {
    const person = request.oidc.isAuthenticated() ? await request.oidc.fetchUserInfo() : null;
    response.json(person);
  });
  web.get('/refresh', async (request, response) => {
    const before = request.oidc.accessToken?.access_token;
    const renewed = await request.oidc.accessToken?.refresh();
    response.json({ renewed: renewed?.access_token !== undefined && renewed.access_token !== before });
  });
  web.get('/', (_request, response) => void response.send('home'));
  return web;
}

it('express-openid-connect signs in, refreshes and signs out', async () => {
  const visitor = newVisitor(server, app);
  const home = await visitor.signIn(await visitor.app.fetch(`${app.origin}/login`));
  expect(home.body).toBe('home');
  const read = async (path: string) => JSON.parse((await visitor.app.fetch(`${app.origin}${path}`)).body);
  expect(await read('/me')).toMatchObject({ name: 'Alice Adler', email: 'alice@example.com' });
  expect(await read('/refresh')).toEqual({ renewed: true });
  const leaving = await visitor.app.fetch(`${app.origin}/logout`);
  expect(leaving.location).toContain('/logout?');
  // With its ID token nobody is asked.
  expect((await visitor.provider.fetch(leaving.location ?? '')).location).toBe(`${app.origin}/`);
  expect(await read('/me')).toBeNull();
  const again = await visitor.app.fetch(`${app.origin}/login`);
  expect((await visitor.provider.open(again.location ?? '')).body).toContain('name="password"');
});
