import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { type Profile, Strategy, type VerifyCallback } from 'passport-openidconnect';
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
  const callbackURL = `${origin}/callback`;
  const { issuer } = server;
  // It sends no PKCE.
  const { client, client_secret = '' } = await server.client({
    profile: 'oidc',
    token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: [callbackURL],
    post_logout_redirect_uris: [`${origin}/bye`],
  });
  const strategy = new Strategy(
    {
      issuer,
      authorizationURL: `${issuer}/authorize`,
      tokenURL: `${issuer}/token`,
      userInfoURL: `${issuer}/userinfo`,
      clientID: client.client_id,
      clientSecret: client_secret,
      callbackURL,
      scope: ['profile', 'email'],
      skipUserProfile: false,
    },
    (_issuer: string, profile: Profile, done: VerifyCallback) => {
      done(null, profile);
    },
  );
  const own = new passport.Passport();
  own.use(strategy);
  own.serializeUser((user, done) => done(null, user));
  own.deserializeUser((user, done) => done(null, user as object));
  const web = express();
  web.use(session({ secret: 'a secret of the app', resave: false, saveUninitialized: false }));
  web.use(own.authenticate('session'));
  web.get('/login', own.authenticate('openidconnect'));
  web.get('/callback', own.authenticate('openidconnect', { failureMessage: true }), (_request, response) =>
    response.redirect('/me'),
  );
  web.get('/me', (request, response) => void response.json(request.user ?? null));
  web.get('/logout', (request, response) => {
    request.logout(() => {
      const parameters = { client_id: client.client_id, post_logout_redirect_uri: `${origin}/bye` };
      response.redirect(`${issuer}/logout?${new URLSearchParams(parameters)}`);
    });
  });
  return web;
}

it('passport-openidconnect signs in, reads the profile and signs out', async () => {
  const visitor = newVisitor(server, app);
  const page = await visitor.signIn(await visitor.app.fetch(`${app.origin}/login`));
  expect(JSON.parse(page.body)).toMatchObject({
    displayName: 'Alice Adler',
    emails: [{ value: 'alice@example.com' }],
  });
  const leaving = await visitor.app.fetch(`${app.origin}/logout`);
  const asked = await visitor.provider.open(leaving.location ?? '');
  // It keeps no ID token, so the person is asked.
  expect((await visitor.provider.submit(asked, {})).body).toContain('Signed out');
  expect((await visitor.app.fetch(`${app.origin}/me`)).body).toBe('null');
  const again = await visitor.app.fetch(`${app.origin}/login`);
  expect((await visitor.provider.open(again.location ?? '')).body).toContain('name="password"');
});
