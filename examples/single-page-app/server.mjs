/**
 * The back end of a single-page app. It holds the tokens; the page in the browser has a cookie and calls the API
 * through it. draft-ietf-oauth-browser-based-apps §6.1
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express from 'express';
import * as oidc from 'openid-client';
import { createSeal, openSessions } from './sessions.mjs';

const {
  ISSUER = 'http://localhost:4000',
  API = 'http://localhost:8080',
  ORIGIN = 'http://localhost:3001',
  PORT = '3001',
  SESSIONS = 'sessions',
  SESSION_KEY = '',
} = process.env;
const RESOURCE = 'https://api.example.com';
/** What the page does, and no more: not even who the person is. */
const SCOPE = 'openid orders:read orders:write';
const LOGIN_MS = 600_000;
/** Sign-ins that one browser has begun and not finished, in several tabs; an older one is forgotten. */
const MOST_LOGINS = 5;
const SESSION_MS = 12 * 3_600_000;
const SWEEP_MS = 3_600_000;
/** Renewed so long before it ends, since it has a way to go. */
const EARLY_MS = 30_000;

const key = Buffer.from(SESSION_KEY, 'base64');
if (key.length !== 32) throw new Error('SESSION_KEY must be 32 bytes in base64');
const seal = createSeal(key);
const sessions = openSessions(SESSIONS, seal);
sessions.sweep();
setInterval(sessions.sweep, SWEEP_MS).unref();

const { client_id, client_secret } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const config = await oidc.discovery(new URL(ISSUER), client_id, client_secret, undefined, {
  // The signature of the ID token is checked too, although it comes from the server itself.
  execute: [
    oidc.enableNonRepudiationChecks,
    ...(ISSUER.startsWith('https:') ? [] : [oidc.allowInsecureRequests]),
  ],
});

const app = express();
app.use((_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'same-origin',
  });
  next();
});
app.use(express.static(fileURLToPath(new URL('public', import.meta.url))));

/** Only this origin may set a cookie of such a name, and no path or subdomain has one of its own (RFC 6265bis §4.1.3.2). */
const cookie = (name) => ({
  read: (request) => cookiesOf(request).find(([own]) => own === name)?.[1] ?? '',
  set: (response, value, options) =>
    response.cookie(name, value, { secure: true, httpOnly: true, path: '/', ...options }),
});
const cookiesOf = ({ headers }) => (headers.cookie ?? '').split('; ').map((pair) => pair.split('='));
const session = cookie('__Host-session');
/** Each sign-in that was begun has one of its own, named by its `state`: tabs leave one another's. */
const LOGIN = '__Host-login-';
// The answer comes by a link from Gatehouse, which no strict cookie goes with.
const forLogin = (maxAge) => ({ sameSite: 'lax', maxAge });

app.get('/login', async (request, response) => {
  const begun = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    code_verifier: oidc.randomPKCECodeVerifier(),
    endsAt: Date.now() + LOGIN_MS,
  };
  // A browser names the oldest first (RFC 6265 §5.4).
  const waiting = cookiesOf(request).filter(([name]) => name.startsWith(LOGIN));
  for (const [name] of waiting.slice(0, 1 - MOST_LOGINS)) cookie(name).set(response, '', forLogin(0));
  const name = LOGIN + begun.state;
  cookie(name).set(response, seal.seal(name, begun), forLogin(LOGIN_MS));
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${ORIGIN}/callback`,
    scope: SCOPE,
    resource: RESOURCE,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(begun.code_verifier),
    code_challenge_method: 'S256',
  });
  response.redirect(303, url.href);
});

app.get('/callback', async (request, response) => {
  const answer = new URL(request.originalUrl, ORIGIN);
  const name = LOGIN + answer.searchParams.get('state');
  const begun = seal.open(name, cookie(name).read(request));
  if (!begun) return response.redirect(303, '/?problem=expired');
  // Good for one answer; those of other tabs go on waiting for theirs.
  cookie(name).set(response, '', forLogin(0));
  try {
    const checks = {
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      pkceCodeVerifier: begun.code_verifier,
      idTokenExpected: true,
    };
    const tokens = await oidc.authorizationCodeGrant(config, answer, checks, { resource: RESOURCE });
    // A new id: who planted one beforehand has nothing of it.
    sessions.end(session.read(request));
    const endsAt = Date.now() + SESSION_MS;
    const id = sessions.begin({ sub: tokens.claims().sub, tokens: kept(tokens), endsAt });
    session.set(response, id, { sameSite: 'strict', maxAge: SESSION_MS });
    return response.redirect(303, '/');
  } catch (error) {
    console.error(`no sign-in: ${error.message} ${error.error ?? error.code ?? ''}`);
    return response.redirect(303, `/?problem=${problemOf(error)}`);
  }
});

function problemOf(error) {
  if (error.error === 'access_denied') return 'denied';
  // Gatehouse did not answer, or cannot now: that says nothing of the sign-in.
  const status = error.status ?? error.cause?.status ?? 0;
  const isAway = error instanceof TypeError || error.code === 'OAUTH_TIMEOUT' || status >= 500;
  return isAway ? 'away' : 'expired';
}

/**
 * For what our own page asks by fetch. No form and no link can send the header, and other sites would have to be
 * allowed to first (CORS), which nobody is.
 */
function fromOurPage(request, response, next) {
  const site = request.get('sec-fetch-site') ?? 'same-origin';
  if (request.get('x-orders') !== '1' || site !== 'same-origin') return response.status(403).end();
  request.id = session.read(request);
  request.session = sessions.read(request.id);
  return next();
}

function signedIn({ session }, response, next) {
  return session ? next() : response.status(401).end();
}

/** In another tab somebody else may have signed in since. */
function notAnothers(request, response, next) {
  const { sub = request.get('x-person') } = request.session ?? {};
  return request.get('x-person') === sub ? next() : response.status(409).end();
}

/** And for the person whose page it is. */
const fromTheirPage = [fromOurPage, signedIn, notAnothers];

app.get('/me', fromOurPage, signedIn, ({ session: { sub } }, response) => response.json({ sub }));

app.post('/logout', fromOurPage, notAnothers, async ({ id, session: held }, response) => {
  if (held) {
    sessions.end(id);
    session.set(response, '', { sameSite: 'strict', maxAge: 0 });
    await oidc
      .tokenRevocation(config, held.tokens.refresh_token)
      .catch((error) => console.error(error.message));
  }
  // Where our own session was over already, Gatehouse's may go on: it asks the person, for want of an ID token.
  const location = oidc.buildEndSessionUrl(config, {
    ...(held && { id_token_hint: held.tokens.id_token }),
    post_logout_redirect_uri: `${ORIGIN}/`,
  });
  response.json({ location: location.href });
});

// What the page may call, each by name: this is no proxy for whatever is behind it.
app.get('/api/orders', fromTheirPage, (request, response) => passOn(request, response, '/orders'));
app.post(
  '/api/orders',
  fromTheirPage,
  express.raw({ type: 'application/json', limit: '10kb' }),
  (request, response) => passOn(request, response, '/orders'),
);

app.use((error, _request, response, _next) => {
  console.error(error.message);
  response.status(error.status ?? 502).end();
});

/** Of a token response what is needed later; what a refresh leaves out stays as it was. */
function kept(response, before = {}) {
  const { access_token, refresh_token = before.refresh_token, id_token = before.id_token } = response;
  return { access_token, refresh_token, id_token, endsAt: Date.now() + (response.expires_in ?? 0) * 1000 };
}

/** With a token that is in force. Where the API says that it is not, a new one is tried, once. */
async function passOn({ id, method, body, session: { tokens } }, response, path) {
  const call = ({ access_token }) =>
    fetch(`${API}${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...(method === 'POST' && { body }),
    });
  let held = tokens;
  if (held.endsAt - EARLY_MS < Date.now()) held = await renew(id, held);
  let answer = held && (await call(held));
  if (answer?.status === 401) {
    held = await renew(id, held);
    answer = held && (await call(held));
  }
  if (!answer) return response.status(401).end();
  return response
    .status(answer.status)
    .type('json')
    .send(await answer.text());
}

/** Those that are under way, by session. */
const renewals = new Map();

/** One at a time for each session; who comes later goes on with what it brought. undefined where the session is over. */
function renew(id, used) {
  const now = sessions.read(id);
  if (!now) return undefined;
  if (now.tokens.access_token !== used.access_token) return now.tokens;
  if (!renewals.has(id))
    renewals.set(
      id,
      refreshed(id, now).finally(() => renewals.delete(id)),
    );
  return renewals.get(id);
}

async function refreshed(id, now) {
  try {
    const response = await oidc.refreshTokenGrant(config, now.tokens.refresh_token, { resource: RESOURCE });
    const tokens = kept(response, now.tokens);
    sessions.replace(id, { ...now, tokens });
    return tokens;
  } catch (error) {
    // Signed out at Gatehouse, or the app's access was taken away.
    if (error.error !== 'invalid_grant') throw error;
    sessions.end(id);
    return undefined;
  }
}

app.listen(Number(PORT), '127.0.0.1', () => console.log(`the app listens on ${ORIGIN}`));
