/** What the strategies of Passport share: its routes as its documents have them. */
import { listen, logoutUrl, newApp, serveHeld } from './app.mjs';

export function servePassport(passport, strategy, name) {
  passport.use(strategy);
  const app = newApp();
  app.get('/login', passport.authenticate(name, { session: false }));
  app.get('/callback', passport.authenticate(name, { session: false }), (request, response) => {
    request.session.held = request.user;
    response.redirect('/me');
  });
  serveHeld(app, {
    refresh: ({ refresh_token }) => refresh(strategy, refresh_token),
    leave: ({ hint }) => logoutUrl(hint && { id_token_hint: hint }),
  });
  listen(app);
}

/** As passport-oauth2-refresh does it: by the strategy's own connection to the token endpoint. */
function refresh({ _oauth2 }, refresh_token) {
  return new Promise((resolve, reject) => {
    const parameters = { grant_type: 'refresh_token' };
    _oauth2.getOAuthAccessToken(refresh_token, parameters, (error, access_token, renewed) => {
      if (error) reject(new Error(JSON.stringify(error)));
      else resolve({ access_token, refresh_token: renewed ?? refresh_token });
    });
  });
}
