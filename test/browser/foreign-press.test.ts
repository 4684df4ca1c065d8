/** A page of a stranger asks to hold a key, and opens one of ours: nothing is decided by that. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorizeUrl, newPkce, publicClient, requestOf } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { launchChromium, signIn } from './chromium.ts';

let server: TestServer;
let browser: Browser;
let context: BrowserContext;
let start: string;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  const { client } = await publicClient(server, { redirect_uris: ['http://127.0.0.1:9/callback'] });
  start = authorizeUrl(server, requestOf(client, newPkce()));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** Signed in, at an address with a fragment that names a button. */
async function open(address: string, button: string): Promise<Page> {
  context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.issuer}/login`);
  await signIn(page);
  await page.waitForURL('**/account');
  await page.goto(address);
  await page.waitForSelector(button);
  return page;
}

it.each([
  ['consent', () => start, '#allow'],
  ['sign-out', () => `${server.issuer}/logout`, '#confirm'],
  ['the end of all sessions', () => `${server.issuer}/account/sign-out-everywhere`, '#confirm'],
  ['another account', () => `${server.issuer}/select-account`, '#another'],
])('a fragment puts the focus on no button, before or after: %s', async (_what, address, button) => {
  const page = await open(address() + button, button);
  expect(new URL(page.url()).hash).toBe('');
  // As the window does that opened this one, and knows its address.
  await page.evaluate((hash) => {
    location.hash = hash;
  }, button);
  await page.waitForFunction(() => location.hash === '');
  // At once: what is pressed between two turns of the event loop of this page would count.
  const focused = await page.evaluate((hash) => {
    location.hash = hash;
    return document.activeElement?.id;
  }, button);
  expect(focused).not.toBe(button.slice(1));
  // Browsers decode what they do not find as it stands.
  const decoded = await page.evaluate(
    (hash) => {
      location.hash = hash;
      return document.activeElement?.id;
    },
    `#%${button.charCodeAt(1).toString(16)}${button.slice(2)}`,
  );
  expect(decoded).not.toBe(button.slice(1));
  expect(await page.locator('button:focus').count()).toBe(0);
  await context.close();
});

it('a key that was held before the page was loaded does not press the focused button', async () => {
  const page = await open(start, '#allow');
  const keys = await context.newCDPSession(page);
  const key = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };
  const press = (autoRepeat: boolean) =>
    keys.send('Input.dispatchKeyEvent', { type: 'keyDown', ...key, autoRepeat });
  await page.focus('#allow');
  for (let count = 0; count < 3; count += 1) await press(true);
  await keys.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
  expect(new URL(page.url()).pathname).toBe('/consent');
  const toApp = page.waitForRequest(/127\.0\.0\.1:9.callback/);
  await press(false);
  expect((await toApp).url()).toContain('code=');
  await context.close();
});

it.each(['#deny', '#asks', '#%64eny'])(
  'Tab after the fragment %s begins at the top of the page',
  async (hash) => {
    const page = await open(start, '#allow');
    await page.evaluate((fragment) => {
      location.hash = fragment;
    }, hash);
    await page.waitForFunction(() => document.activeElement?.localName === 'h1');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('not-you');
    await context.close();
  },
);

// https://wicg.github.io/scroll-to-text-fragment/#document-policy-integration: #:~:text=Deny is hidden from scripts.
it('no page can be opened at a text that its URL quotes', async () => {
  const headers = { accept: 'text/html' };
  for (const path of ['/login', '/logout', '/signed-out', '/nothing', '/authorize?client_id=x']) {
    const answer = await fetch(server.issuer + path, { headers });
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(answer.headers.get('document-policy')).toBe('force-load-at-top');
  }
});
