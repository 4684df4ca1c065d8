// Its README, with the scopes that its documents add for a profile.
import passport from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';
import { CLIENT_ID, CLIENT_SECRET, ISSUER } from './app.mjs';
import { servePassport } from './passport.mjs';

const strategy = new OpenIDConnectStrategy(
  {
    issuer: ISSUER,
    authorizationURL: `${ISSUER}/authorize`,
    tokenURL: `${ISSUER}/token`,
    userInfoURL: `${ISSUER}/userinfo`,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    callbackURL: '/callback',
    scope: ['profile', 'email'],
    skipUserProfile: false,
  },
  (_issuer, profile, _context, id_token, access_token, refresh_token, done) => {
    const userinfo = profile._json ?? profile;
    done(null, { access_token, refresh_token, hint: id_token, userinfo: shapeOf(profile, userinfo) });
  },
);

/** It gives a profile of Passport's own shape. */
function shapeOf({ id, displayName, emails }) {
  return { sub: id, name: displayName, email: emails?.[0]?.value };
}

servePassport(passport, strategy, 'openidconnect');
