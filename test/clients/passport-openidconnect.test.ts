import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { type Profile, Strategy, type VerifyCallback } from 'passport-openidconnect';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { newVisitor, startWebApp, type WebApp } from './web-app.ts';

let server: TestServer;
let app: WebApp;
let strategy: RenewingStrategy;
beforeAll(async () => {
  server = await startServer();
  await server.user('alice', { name: 'Alice Adler' });
  app = await startWebApp(makeApp);
});
afterAll(async () => {
  await app.close();
  await server.stop();
});

interface Person extends Profile {
  refresh_token: string;
}

/** The library renews nothing itself, and lets a subclass use its connection to the token endpoint. */
class RenewingStrategy extends Strategy {
  /** Undefined where it is refused. */
  renew(refresh_token: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const parameters = { grant_type: 'refresh_token' };
      this._oauth2.getOAuthAccessToken(refresh_token, parameters, (_error, _access, renewed) =>
        resolve(renewed),
      );
    });
  }
}

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
  strategy = new RenewingStrategy(
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
    (
      _issuer: string,
      profile: Profile,
      _context: object,
      _idToken: string | object,
      _accessToken: string | object,
      refresh_token: string,
      done: VerifyCallback,
    ) => done(null, { ...profile, refresh_token } satisfies Person),
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
  web.get('/refresh', async (request, response) => {
    const person = request.user as Person;
    person.refresh_token = (await strategy.renew(person.refresh_token)) ?? '';
    response.json(person);
  });
  web.get('/logout', (request, response) => {
    request.logout(() => {
      const parameters = { client_id: client.client_id, post_logout_redirect_uri: `${origin}/bye` };
      response.redirect(`${issuer}/logout?${new URLSearchParams(parameters)}`);
    });
  });
  return web;
}

it('passport-openidconnect signs in, reads the profile, refreshes and signs out', async () => {
  const visitor = newVisitor(server, app);
  const page = await visitor.signIn(await visitor.app.fetch(`${app.origin}/login`));
  const first = JSON.parse(page.body);
  expect(first).toMatchObject({ displayName: 'Alice Adler', emails: [{ value: 'alice@example.com' }] });
  const refresh = async () => JSON.parse((await visitor.app.fetch(`${app.origin}/refresh`)).body);
  const second = await refresh();
  const third = await refresh();
  expect(new Set([first, second, third].map((person) => person.refresh_token)).size).toBe(3);
  expect(third.refresh_token).not.toBe('');
  const leaving = await visitor.app.fetch(`${app.origin}/logout`);
  const asked = await visitor.provider.open(leaving.location ?? '');
  // It sends no ID token, so the person is asked, and goes back to the app.
  expect((await visitor.provider.submit(asked, {})).location).toBe(`${app.origin}/bye`);
  expect((await visitor.app.fetch(`${app.origin}/me`)).body).toBe('null');
  expect(await strategy.renew(third.refresh_token)).toBeUndefined();
  const again = await visitor.app.fetch(`${app.origin}/login`);
  expect((await visitor.provider.open(again.location ?? '')).body).toContain('name="password"');
});
