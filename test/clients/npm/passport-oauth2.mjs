// Its README; `state: true` is its own advice, and the scopes are what makes it a sign-in here.
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import { CLIENT_ID, CLIENT_SECRET, ISSUER } from './app.mjs';
import { servePassport } from './passport.mjs';

const strategy = new OAuth2Strategy(
  {
    authorizationURL: `${ISSUER}/authorize`,
    tokenURL: `${ISSUER}/token`,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    callbackURL: `${process.env.ORIGIN}/callback`,
    scope: ['openid', 'profile', 'email'],
    state: true,
  },
  (access_token, refresh_token, _profile, done) =>
    strategy._oauth2.get(`${ISSUER}/userinfo`, access_token, (error, body) =>
      error
        ? done(new Error(JSON.stringify(error)))
        : done(null, { access_token, refresh_token, userinfo: JSON.parse(body) }),
    ),
);
// Its own default is the query, where no token belongs (RFC 9700 §4.3.2).
strategy._oauth2.useAuthorizationHeaderforGET(true);

servePassport(passport, strategy, 'oauth2');
