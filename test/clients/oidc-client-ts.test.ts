import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { freePort } from '../support/free-port.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';

const library = readFileSync(
  new URL('../../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url),
);

let server: TestServer;
let app: Server;
let origin: string;
let browser: Browser;

/** A single-page app of one file on an origin of its own. */
function singlePageApp(client_id: string): string {
  const settings = {
    authority: server.issuer,
    client_id,
    redirect_uri: `${origin}/callback`,
    popup_redirect_uri: `${origin}/popup`,
    scope: 'openid profile email',
    loadUserInfo: true,
  };
  return `<!doctype html><script src="/lib.js"></script><body><pre id="out"></pre><script>
    const manager = new oidc.UserManager(${JSON.stringify(settings)});
    const show = (user) => { document.getElementById('out').textContent = JSON.stringify({ ...user.profile, refresh: !!user.refresh_token }); };
    const fail = (error) => { document.getElementById('out').textContent = 'failed: ' + error.message; };
    window.redirect = () => manager.signinRedirect().catch(fail);
    window.popup = () => manager.signinPopup().then(show, fail);
    window.renew = () => manager.signinSilent().then(show, fail);
    if (location.pathname === '/callback') manager.signinRedirectCallback().then(show, fail);
    if (location.pathname === '/popup') manager.signinPopupCallback().catch(fail);
  </script>`;
}

beforeAll(async () => {
  server = await startServer();
  await server.user('alice', { name: 'Alice Adler' });
  origin = `http://127.0.0.1:${await freePort()}`;
  const { client } = await server.client({
    redirect_uris: [`${origin}/callback`, `${origin}/popup`],
    token_endpoint_auth_method: 'none',
  });
  app = createServer((request, response) => {
    const isLibrary = request.url === '/lib.js';
    response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html');
    response.end(isLibrary ? library : singlePageApp(client.client_id));
  });
  await new Promise<void>((resolve) => app.listen(Number(new URL(origin).port), '127.0.0.1', resolve));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  app.close();
  await server.stop();
});

async function signIn(page: Page): Promise<void> {
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('#submit');
  await page.click('#allow');
}

async function result(page: Page): Promise<string> {
  await page.waitForFunction(`document.getElementById('out').textContent !== ''`);
  return (await page.textContent('#out')) ?? '';
}

it('oidc-client-ts signs in by redirect in Chromium, with userinfo across origins, and renews', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await Promise.all([page.waitForURL(`${server.issuer}/login**`), page.evaluate('void window.redirect()')]);
  await signIn(page);
  await page.waitForURL(`${origin}/callback**`);
  expect(JSON.parse(await result(page))).toMatchObject({
    name: 'Alice Adler',
    email: 'alice@example.com',
    refresh: true,
  });
  await page.evaluate(`document.getElementById('out').textContent = ''`);
  await page.evaluate('window.renew()');
  expect(JSON.parse(await result(page))).toMatchObject({ name: 'Alice Adler', refresh: true });
  await context.close();
});

it('oidc-client-ts signs in by popup in Chromium', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  const [popup] = await Promise.all([context.waitForEvent('page'), page.evaluate('void window.popup()')]);
  await popup.waitForURL(`${server.issuer}/login**`);
  await signIn(popup);
  expect(JSON.parse(await result(page))).toMatchObject({ name: 'Alice Adler' });
  await context.close();
});
