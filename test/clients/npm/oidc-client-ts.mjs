// The settings of its README's sample (samples/Parcel) on a page of its own, served from loopback as a developer does.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { CALLBACK, CLIENT_ID, ISSUER, listen, ORIGIN, SCOPE } from './app.mjs';

const file = fileURLToPath(import.meta.resolve('oidc-client-ts'));
const library = readFileSync(file.replace(/dist\/.*$/, 'dist/browser/oidc-client-ts.min.js'));

const settings = {
  authority: ISSUER,
  client_id: CLIENT_ID,
  redirect_uri: CALLBACK,
  post_logout_redirect_uri: `${ORIGIN}/`,
  response_type: 'code',
  scope: SCOPE,
  loadUserInfo: true,
};

/** One page; what it does is in the path, and what it has to say in #out. */
const SCRIPT = `
  const manager = new oidc.UserManager(settings);
  const out = (value) => { document.getElementById('out').textContent = JSON.stringify(value); };
  const show = (user) => out(user && { ...user, id_token: user.profile, userinfo: user.profile });
  const paths = {
    '/login': () => manager.signinRedirect(),
    '/callback': () => manager.signinRedirectCallback().then(() => location.replace('/me')),
    '/me': () => manager.getUser().then(show),
    '/refresh': () => manager.signinSilent().then(show),
    '/logout': () => manager.signoutRedirect(),
  };
  paths[location.pathname]?.().catch((error) => out({ failed: error.error || error.message }));
`;

const page = `<!doctype html><script src="/lib.js"></script><body><pre id="out"></pre><script>
const settings = ${JSON.stringify(settings)};${SCRIPT}</script>`;

const app = express();
app.get('/lib.js', (_request, response) => response.type('js').send(library));
app.use((_request, response) => response.send(page));
listen(app);
