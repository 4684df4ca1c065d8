/** A web app: a person signs in, and it calls an API for them. The browser gets a cookie, and no token. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import express from 'express';
import session from 'express-session';
import * as oidc from 'openid-client';
import { escaped, page, refuse, STYLE } from './pages.mjs';

const {
  ISSUER = 'http://localhost:4000',
  API = 'http://localhost:8080',
  ORIGIN = 'http://localhost:3000',
  PORT = '3000',
} = process.env;
const RESOURCE = 'https://api.example.com';
const SCOPE = 'openid profile orders:read orders:write';
/** Renewed so long before it ends, since it has a way to go. */
const EARLY_MS = 30_000;
/** Sign-ins that one browser has begun and not finished, in several tabs; an older one is forgotten. */
const MOST_LOGINS = 5;

const { client_id, client_secret } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const isHttps = ORIGIN.startsWith('https:');
const config = await oidc.discovery(new URL(ISSUER), client_id, client_secret, undefined, {
  // The signature of the ID token is checked too, although it comes from the server itself.
  execute: [
    oidc.enableNonRepudiationChecks,
    ...(ISSUER.startsWith('https:') ? [] : [oidc.allowInsecureRequests]),
  ],
});

/** The person has to sign in again. */
class SignedOut extends Error {}

const app = express();
app.use((_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': `default-src 'none'; style-src 'self'; form-action 'self' ${new URL(ISSUER).origin}; frame-ancestors 'none'`,
    'Referrer-Policy': 'same-origin',
  });
  next();
});
app.get('/style.css', (_request, response) => response.type('css').send(STYLE));
app.use(
  // In memory: write a store of your own there, and what restarts signs nobody out.
  session({
    name: isHttps ? '__Host-session' : 'session',
    secret: randomBytes(32).toString('hex'),
    resave: false,
    saveUninitialized: false,
    proxy: isHttps,
    cookie: { httpOnly: true, sameSite: 'lax', secure: isHttps },
  }),
);
app.use(express.urlencoded({ extended: false, limit: '10kb' }));
app.use((request, response, next) => {
  if (request.method === 'GET') return next();
  // Forms of other sites are not taken (CSRF).
  if (request.get('origin') !== ORIGIN) return refuse(response, 403, 'This form came from another site.');
  const { person } = request.session;
  if (!person) return request.path === '/logout' ? next() : signedOut(request, response);
  // A page that was left open acts for whom it was shown to, not for who signed in since in another tab.
  const { sub, item } = request.body ?? {};
  if (sub === person.sub) return next();
  const words = item ? ` “${escaped(item)}” was not ordered.` : '';
  return refuse(response, 409, `Somebody else is signed in now.${words}`);
});

app.get('/login', async (request, response) => {
  const login = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    code_verifier: oidc.randomPKCECodeVerifier(),
  };
  const { logins = [] } = request.session;
  request.session.logins = [login, ...logins].slice(0, MOST_LOGINS);
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${ORIGIN}/callback`,
    scope: SCOPE,
    resource: RESOURCE,
    state: login.state,
    nonce: login.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(login.code_verifier),
    code_challenge_method: 'S256',
  });
  response.redirect(303, url.href);
});

app.get('/callback', async (request, response) => {
  const answer = new URL(request.originalUrl, ORIGIN);
  const { logins: begun = [], unordered } = request.session;
  const login = begun.find(({ state }) => state === answer.searchParams.get('state'));
  if (!login) return refuse(response, 400, 'This sign-in is not good any more.');
  // Good for one answer; those of other tabs go on waiting for theirs.
  const logins = begun.filter((other) => other !== login);
  try {
    const checks = {
      expectedState: login.state,
      expectedNonce: login.nonce,
      pkceCodeVerifier: login.code_verifier,
      idTokenExpected: true,
    };
    const tokens = await oidc.authorizationCodeGrant(config, answer, checks, { resource: RESOURCE });
    // Who planted a session id beforehand does not share what comes of it.
    await done((end) => request.session.regenerate(end));
    const { sub, name } = tokens.claims();
    Object.assign(request.session, { person: { sub, name }, tokens: kept(tokens), logins, unordered });
    return response.redirect(303, '/');
  } catch (error) {
    console.error(`no sign-in: ${error.message} ${error.error ?? error.code ?? ''}`);
    // It waits on: the same answer may come again, when the page is loaded anew.
    if (isAway(error)) throw error;
    request.session.logins = logins;
    const words =
      error.error === 'access_denied' ? 'You did not allow it.' : 'This sign-in is not good any more.';
    return refuse(response, 400, words);
  }
});

app.get('/', async (request, response) => {
  const { person, unordered: { sub, item = '' } = {} } = request.session;
  if (!person) {
    const words = item ? `<p>You were signed out. “${escaped(item)}” was not ordered.</p>` : '';
    return response.send(page(`${words}<p><a href="/login">Sign in</a></p>`));
  }
  const whose = `<input type="hidden" name="sub" value="${escaped(person.sub)}">`;
  const typed = sub === person.sub ? item : '';
  const answer = await callApi(request, '/orders');
  const orders = answer.ok ? await answer.json() : undefined;
  return response.send(
    page(`<p>Signed in as ${escaped(person.name ?? person.sub)}</p>
      ${orders ? `<ul>${orders.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>` : '<p>The orders cannot be had now.</p>'}
      <form method="post" action="/order">${whose}
        <label>What? <input name="item" required maxlength="100" value="${escaped(typed)}"></label>
        <button>Order</button>
      </form>
      <form method="post" action="/logout">${whose}<button>Sign out</button></form>`),
  );
});

app.post('/order', async (request, response) => {
  const answer = await callApi(request, '/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ item: request.body.item }),
  }).catch((error) => {
    request.session.unordered = request.body;
    throw error;
  });
  request.session.unordered = answer.ok ? undefined : request.body;
  if (!answer.ok) return refuse(response, 502, 'That could not be ordered.');
  return response.redirect(303, '/');
});

app.post('/logout', async (request, response) => {
  const { tokens } = request.session;
  await done((end) => request.session.destroy(end));
  if (tokens)
    await oidc.tokenRevocation(config, tokens.refresh_token).catch((error) => console.error(error.message));
  // Where our own session was over already, Gatehouse's may go on: it asks the person, for want of an ID token.
  const url = oidc.buildEndSessionUrl(config, {
    ...(tokens && { id_token_hint: tokens.id_token }),
    post_logout_redirect_uri: `${ORIGIN}/`,
  });
  return response.redirect(303, url.href);
});

app.use((_request, response) => refuse(response, 404, 'There is nothing here.'));
app.use(async (error, request, response, _next) => {
  if (error instanceof SignedOut) return signedOut(request, response);
  console.error(error);
  return refuse(response, 502, 'Something is not there that this page needs. Try again.');
});

/** What was not ordered is told on the next page, and is in the field again when the same person signs in. */
async function signedOut(request, response) {
  if (request.session.person) await done((end) => request.session.regenerate(end));
  request.session.unordered = request.body;
  response.redirect(303, '/');
}

/** Whether Gatehouse did not answer, or cannot now (5xx): that says nothing of the sign-in. */
function isAway(error) {
  const status = error.status ?? error.cause?.status ?? 0;
  return error instanceof TypeError || error.code === 'OAUTH_TIMEOUT' || status >= 500;
}

/** Of a token response what is needed later; what a refresh leaves out stays as it was. */
function kept(response, before = {}) {
  const { access_token, refresh_token = before.refresh_token, id_token = before.id_token } = response;
  return { access_token, refresh_token, id_token, endsAt: Date.now() + (response.expires_in ?? 0) * 1000 };
}

/** What express-session does by callback. */
function done(act) {
  return new Promise((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
}

/** With a token that is in force. Where the API says that it is not, a new one is tried, once. */
async function callApi(request, path, init = {}) {
  const call = ({ access_token }) =>
    fetch(`${API}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${access_token}` },
    });
  let { tokens } = request.session;
  if (tokens.endsAt - EARLY_MS < Date.now()) tokens = await renew(request, tokens);
  const answer = await call(tokens);
  return answer.status === 401 ? call(await renew(request, tokens)) : answer;
}

/** Those that are under way, by session. */
const renewals = new Map();

/** Two tabs at once share one; who comes later goes on with what it brought. */
async function renew(request, old) {
  await reload(request);
  const { id, tokens } = request.session;
  if (tokens.access_token !== old.access_token) return tokens;
  const over = () => renewals.delete(id);
  if (!renewals.has(id)) renewals.set(id, refresh(request).finally(over));
  await renewals.get(id);
  await reload(request);
  return request.session.tokens;
}

async function refresh({ session: held }) {
  try {
    const response = await oidc.refreshTokenGrant(config, held.tokens.refresh_token, { resource: RESOURCE });
    held.tokens = kept(response, held.tokens);
  } catch (error) {
    throw error.error === 'invalid_grant' ? new SignedOut() : error;
  }
  await done((end) => held.save(end));
}

/** As it is stored now: another request of this browser may have changed or ended it. */
function reload(request) {
  return done((end) => request.session.reload(end)).catch(() => {
    throw new SignedOut();
  });
}

app.listen(Number(PORT), '127.0.0.1', () => console.log(`the app listens on ${ORIGIN}`));
