import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchChromium, signIn } from '../browser/chromium.ts';
import { type Certificate, newCertificate } from '../conformance/certificate.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type SinglePageApp, startSinglePageApp } from './single-page-app.ts';

/** Names as sites have them, which lead to this machine: which site an app is on decides which cookies its frames see. */
const PROVIDER = 'id.example.com';
const SAME_SITE = 'app.example.com';
const OTHER_SITE = 'app.example.org';
const person = { name: 'Alice Adler' };

let directory: string;
let server: TestServer;
let issuer: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** Somebody new for every test, who has not consented to anything yet. */
let username: string;
let people = 0;
/** On another site, with refresh tokens; on the provider's site without; on another site without. */
let app: SinglePageApp;
let sister: SinglePageApp;
let stranger: SinglePageApp;

async function startSecureServer(certificate: Certificate): Promise<TestServer> {
  const port = await freePort();
  issuer = `https://${PROVIDER}:${port}`;
  const environment = {
    GATEHOUSE_ISSUER: issuer,
    GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
    GATEHOUSE_TLS_CERT: certificate.certFile,
    GATEHOUSE_TLS_KEY: certificate.keyFile,
    GATEHOUSE_MASTER_KEY: 'a master key for this test alone, of 32 characters',
  };
  return startServer({ environment, port });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-app-'));
  const certificate = await newCertificate(directory, PROVIDER);
  server = await startSecureServer(certificate);
  const start = (host: string, ...more: string[]) =>
    startSinglePageApp(server, { host, grant_types: ['authorization_code', ...more], certificate });
  app = await start(OTHER_SITE, 'refresh_token');
  sister = await start(SAME_SITE);
  stranger = await start(OTHER_SITE);
  const names = [PROVIDER, SAME_SITE, OTHER_SITE].map((name) => `MAP ${name} 127.0.0.1`);
  browser = await launchChromium([`--host-resolver-rules=${names.join(',')}`]);
});

afterAll(async () => {
  await browser.close();
  await Promise.all([app, sister, stranger].map((one) => one.close()));
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  people += 1;
  username = `person${people}`;
  await server.user(username, person);
  context = await browser.newContext({ ignoreHTTPSErrors: true });
  page = await context.newPage();
});

afterEach(() => context.close());

async function signInAt({ origin, act, said }: SinglePageApp) {
  await page.goto(`${origin}/`);
  await act(page, 'redirect');
  await page.waitForURL(`${issuer}/login**`);
  await signIn(page, username);
  await page.click('#allow');
  await page.waitForURL(`${origin}/callback**`);
  return said(page);
}

it('oidc-client-ts signs in by redirect in Chromium, with userinfo across origins, and renews by refresh token', async () => {
  const first = await signInAt(app);
  expect(first).toMatchObject({ ...person, refresh: true });
  await app.act(page, 'renew');
  const renewed = await app.said(page);
  expect(renewed).toMatchObject({ ...person, refresh: true });
  expect(renewed.token).not.toBe(first.token);
});

it('oidc-client-ts renews of itself before the access token expires', async () => {
  const first = await signInAt(app);
  await page.goto(`${app.origin}/?early`);
  await app.act(page, 'renewed');
  const renewed = await app.said(page);
  expect(renewed).toMatchObject({ sub: first.sub, refresh: true });
  expect(renewed.token).not.toBe(first.token);
});

it('oidc-client-ts renews in a frame, without a refresh token, where the app is on the site of the provider', async () => {
  const first = await signInAt(sister);
  expect(first.refresh).toBe(false);
  await sister.act(page, 'renew');
  const renewed = await sister.said(page);
  expect(renewed).toMatchObject({ ...person, refresh: false });
  expect(renewed.token).not.toBe(first.token);
  expect(page.url()).toContain(`${sister.origin}/callback`);
});

it('oidc-client-ts cannot renew in a frame on another site: the session cookie is SameSite=Lax, by design', async () => {
  await signInAt(stranger);
  await stranger.act(page, 'renew');
  expect(await stranger.said(page)).toEqual({ failed: 'login_required' });
});

it('oidc-client-ts signs in by popup in Chromium', async () => {
  await page.goto(`${app.origin}/`);
  const [popup] = await Promise.all([context.waitForEvent('page'), app.act(page, 'popup')]);
  await popup.waitForURL(`${issuer}/login**`);
  await signIn(popup, username);
  await popup.click('#allow');
  expect(await app.said(page)).toMatchObject(person);
});

/** The provider does not know the browser any more. */
async function expectSignedOut(): Promise<void> {
  await sister.act(page, 'redirect');
  await page.waitForURL(`${issuer}/login**`);
  expect(await page.isVisible('input[name=password]')).toBe(true);
}

it('oidc-client-ts signs out by redirect and comes back with its state', async () => {
  await signInAt(sister);
  await sister.act(page, 'leave');
  await page.waitForURL(`${sister.origin}/bye?state=**`);
  expect(await sister.said(page)).toEqual({ left: true, user: null });
  await expectSignedOut();
});

it('oidc-client-ts signs out without an ID token: after a yes the person is back at the app', async () => {
  await signInAt(sister);
  await sister.act(page, 'leaveWithout');
  await page.waitForURL(`${issuer}/logout?**`);
  expect(new URL(page.url()).searchParams.get('id_token_hint')).toBeNull();
  await page.click('#confirm');
  await page.waitForURL(`${sister.origin}/bye?state=**`);
  expect(await sister.said(page)).toEqual({ left: true, user: null });
  await expectSignedOut();
});

it('oidc-client-ts signs out by popup, and what is renewed in a frame is gone', async () => {
  await signInAt(sister);
  const closed = context.waitForEvent('page').then((popup) => popup.waitForEvent('close'));
  await sister.act(page, 'leaveByPopup');
  expect(await sister.said(page)).toEqual({ left: true, user: null });
  await closed;
  await sister.act(page, 'renew');
  expect(await sister.said(page)).toEqual({ failed: 'login_required' });
  await expectSignedOut();
});
