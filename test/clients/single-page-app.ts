/** An app of one page and oidc-client-ts on an origin of its own; what it has to say is in #out. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { Page } from 'playwright-core';
import { freePort } from '../support/free-port.ts';
import type { TestServer } from '../support/server.ts';
import type { WebApp } from './web-app.ts';

const library = readFileSync(
  new URL('../../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url),
);

const SCRIPT = `
  const early = location.search === '?early' && { accessTokenExpiringNotificationTimeInSeconds: 86400 };
  const manager = new oidc.UserManager({ ...settings, ...early });
  const out = (value) => { document.getElementById('out').textContent = value && JSON.stringify(value); };
  const show = (user) => out({ ...user.profile, token: user.access_token, refresh: !!user.refresh_token });
  const fail = (error) => out({ failed: error.error || error.message });
  const left = async () => out({ left: true, user: await manager.getUser() });
  const first = (event) => new Promise((done) => manager.events[event](done));
  const actions = {
    redirect: () => manager.signinRedirect(),
    popup: () => manager.signinPopup().then(show),
    renew: () => manager.signinSilent().then(show),
    renewed: () => first('addUserLoaded').then(show),
    leave: () => manager.signoutRedirect({ state: 'bye' }),
    leaveWithout: () => manager.removeUser().then(() => manager.signoutRedirect({ state: 'bye' })),
    leaveByPopup: () => manager.signoutPopup({ state: 'bye' }).then(left),
  };
  window.act = (name) => { out(''); actions[name]().catch(fail); };
  const callbacks = {
    '/callback': () => manager.signinRedirectCallback().then(show),
    '/popup': () => manager.signinPopupCallback(),
    '/silent': () => manager.signinSilentCallback(),
    '/bye': () => manager.signoutRedirectCallback().then(left),
    '/popup-bye': () => manager.signoutPopupCallback(),
  };
  callbacks[location.pathname]?.().catch(fail);
`;

export interface SinglePageApp extends WebApp {
  act(page: Page, name: string): Promise<void>;
  /** What the app says, as soon as it says something. */
  // biome-ignore lint/suspicious/noExplicitAny: what comes from the page is looked at member by member
  said(page: Page): Promise<any>;
}

export interface SinglePageOptions {
  readonly host: string;
  /** Without refresh_token it renews in a frame. */
  readonly grant_types: readonly string[];
  readonly certificate: { readonly cert: string; readonly key: string };
}

export async function startSinglePageApp(
  server: TestServer,
  { host, grant_types, certificate }: SinglePageOptions,
): Promise<SinglePageApp> {
  const port = await freePort();
  const origin = `https://${host}:${port}`;
  const { client } = await server.client({
    redirect_uris: [`${origin}/callback`, `${origin}/popup`, `${origin}/silent`],
    post_logout_redirect_uris: [`${origin}/bye`, `${origin}/popup-bye`],
    grant_types,
    token_endpoint_auth_method: 'none',
  });
  const html = pageOf(settingsOf(server.gatehouse.settings.issuer, client.client_id, origin));
  const site = createServer(certificate, (request, response) => {
    const isLibrary = request.url === '/lib.js';
    response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html');
    response.end(isLibrary ? library : html);
  });
  await new Promise<void>((done) => site.listen(port, '127.0.0.1', done));
  return { origin, act, said, close: () => new Promise((done) => void site.close(() => done())) };
}

function settingsOf(authority: string, client_id: string, origin: string) {
  return {
    authority,
    client_id,
    redirect_uri: `${origin}/callback`,
    popup_redirect_uri: `${origin}/popup`,
    silent_redirect_uri: `${origin}/silent`,
    post_logout_redirect_uri: `${origin}/bye`,
    popup_post_logout_redirect_uri: `${origin}/popup-bye`,
    scope: 'openid profile email',
    loadUserInfo: true,
  };
}

function pageOf(settings: object): string {
  return `<!doctype html><script src="/lib.js"></script><body><pre id="out"></pre><script>
    const settings = ${JSON.stringify(settings)};${SCRIPT}</script>`;
}

async function act(page: Page, name: string): Promise<void> {
  await page.evaluate(`window.act(${JSON.stringify(name)})`);
}

async function said(page: Page) {
  await page.waitForFunction(`document.getElementById('out')?.textContent`);
  return JSON.parse((await page.textContent('#out')) ?? '');
}
