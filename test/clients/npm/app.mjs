/**
 * The web app around a library: a session for each browser, and the paths at which the run looks. The library's part is
 * `begin` (→ { url, kept }), `finish` (→ what is held), and what it has of `refresh`, `introspect` and `leave`.
 */
import express from 'express';
import session from 'express-session';

export const { ISSUER, CLIENT_ID, CLIENT_SECRET, ORIGIN, PORT } = process.env;
export const CALLBACK = `${ORIGIN}/callback`;

/** What the guides of most providers say to ask for. */
export const SCOPE = 'openid profile email';

export function newApp() {
  const app = express();
  app.use(session({ secret: 'a secret of the app', resave: false, saveUninitialized: false }));
  app.get('/', (_request, response) => response.send('home'));
  return app;
}

export function serve(library) {
  const app = newApp();
  app.get('/login', async ({ session }, response) => {
    const { url, kept } = await library.begin();
    session.kept = kept;
    response.redirect(String(url));
  });
  app.get('/callback', async (request, response) => {
    request.session.held = await library.finish(new URL(request.url, ORIGIN), request.session.kept);
    response.redirect('/me');
  });
  serveHeld(app, library);
  listen(app);
}

/** The paths behind a sign-in; what is held is in the session. */
export function serveHeld(app, library) {
  app.get('/me', ({ session }, response) => response.json(session.held ?? null));
  app.get('/refresh', async ({ session }, response) => {
    session.held = { ...session.held, ...(await library.refresh(session.held)) };
    response.json(session.held);
  });
  app.get('/introspect', async ({ session }, response) =>
    response.json(await library.introspect(session.held)),
  );
  app.get('/logout', async ({ session }, response) => {
    const url = await library.leave(session.held);
    session.destroy(() => response.redirect(String(url)));
  });
}

/** For a library without means of its own: the app's link to the provider's logout. */
export function logoutUrl(more = {}) {
  const parameters = { client_id: CLIENT_ID, post_logout_redirect_uri: `${ORIGIN}/`, ...more };
  return `${ISSUER}/logout?${new URLSearchParams(parameters)}`;
}

export async function userinfoOf(access_token) {
  const headers = { authorization: `Bearer ${access_token}` };
  return (await fetch(`${ISSUER}/userinfo`, { headers })).json();
}

export function listen(app) {
  app.use((error, _request, response, _next) => {
    console.error(error);
    response.status(500).send(`${error}`);
  });
  app.listen(Number(PORT), 'localhost');
}
