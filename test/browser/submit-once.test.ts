import { createServer, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { authorizeUrl, newPkce, publicClient, type Registered, requestOf } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { launchChromium, openPage, signIn } from './chromium.ts';
import { type SlowProxy, startSlowProxy } from './slow-proxy.ts';

const NEW_PASSWORD = 'a new and rather long password';

let server: TestServer;
let browser: Browser;
let app: Server;
let toApp: SlowProxy;
let toServer: SlowProxy;
let callback: string;
let client: Registered;

beforeAll(async () => {
  const [port, inner, appPort, appInner] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  server = await startServer({ port, environment: { GATEHOUSE_LISTEN: `127.0.0.1:${inner}` } });
  for (const name of ['alice', 'bob', 'carol']) await server.user(name);
  toServer = await startSlowProxy(port, inner, { mayKeep: true });
  toApp = await startSlowProxy(appPort, appInner);
  callback = `http://127.0.0.1:${appPort}/callback`;
  app = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<h1>Welcome to the app</h1>');
  });
  await new Promise<void>((resolve) => app.listen(appInner, '127.0.0.1', resolve));
  client = await publicClient(server, { redirect_uris: [callback] });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  for (const one of [toServer, toApp, app]) one.close();
  await server.stop();
});

afterEach(() => {
  for (const one of [toServer, toApp]) one.letGo();
});

const start = (more: Record<string, string> = {}) =>
  authorizeUrl(server, requestOf(client.client, newPkce(), { prompt: 'consent', ...more }));

/** The middle of what the person presses: while a page is awaited, Playwright finds nothing in the one before. */
async function placeOf(page: Page, selector: string): Promise<readonly [x: number, y: number]> {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not to be seen`);
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Presses twice, and once more when the first press has reached the server. */
async function tapAgainAndAgain(page: Page, selector: string, proxy: SlowProxy): Promise<void> {
  const place = await placeOf(page, selector);
  proxy.hold();
  await page.mouse.dblclick(...place);
  await expect.poll(() => proxy.posts.length).toBeGreaterThan(0);
  await page.mouse.click(...place);
}

async function openPassword(page: Page, username: string): Promise<void> {
  await page.goto(`${server.issuer}/login`);
  await signIn(page, username);
  await page.waitForURL('**/account');
  await page.goto(`${server.issuer}/account/password`);
}

async function fillPassword(page: Page, again = NEW_PASSWORD): Promise<void> {
  await page.fill('#current_password', PASSWORD);
  await page.fill('#new_password', NEW_PASSWORD);
  await page.fill('#new_password_again', again);
}

describe('a form that is pressed twice while answers are slow is sent once', () => {
  it('consent: leads to the app, with the decision that was pressed', async () => {
    const { page, complaints, close } = await openPage(browser);
    await page.goto(start());
    await signIn(page);
    await page.waitForSelector('#allow');
    const deny = await placeOf(page, '#deny');
    await tapAgainAndAgain(page, '#allow', toServer);
    await page.mouse.click(...deny);
    toServer.letGo();
    await page.waitForURL(`${callback}?*`);
    expect(new URL(page.url()).searchParams.has('code')).toBe(true);
    expect(toServer.posts).toEqual(['/consent']);
    expect(complaints).toEqual([]);
    await close();
  });

  it('password: the user is told that it was changed', async () => {
    const { page, complaints, close } = await openPage(browser);
    await openPassword(page, 'bob');
    await fillPassword(page);
    await tapAgainAndAgain(page, '#submit', toServer);
    await page.keyboard.press('Enter');
    toServer.letGo();
    await page.waitForURL('**/account/sessions');
    expect(await page.textContent('[role=status]')).toContain('Your password was changed');
    expect(toServer.posts).toEqual(['/account/password']);
    expect(complaints).toEqual([]);
    await close();
  });

  it('form_post: the page sends the code itself, and Continue does not send it a second time', async () => {
    const { page, complaints, close } = await openPage(browser);
    await page.route('**/form-post-*.js', (route) => route.fulfill({ contentType: 'text/javascript' }));
    await page.goto(start({ response_mode: 'form_post' }));
    await signIn(page);
    await page.click('#allow');
    const place = await placeOf(page, '#continue');
    await page.unroute('**/form-post-*.js');
    await page.goto(start({ response_mode: 'form_post' }));
    await page.waitForSelector('#allow');
    toApp.hold();
    await page.click('#allow');
    await expect.poll(() => toApp.posts.length).toBeGreaterThan(0);
    await page.mouse.dblclick(...place);
    toApp.letGo();
    await page.waitForURL(callback);
    expect(await page.textContent('h1')).toBe('Welcome to the app');
    expect(toApp.posts).toEqual(['/callback']);
    expect(complaints).toEqual([]);
    await close();
  });
});

describe('a form can be sent again', () => {
  it('after going back', async () => {
    const { page, close } = await openPage(browser);
    await openPassword(page, 'carol');
    await fillPassword(page, 'something else');
    await page.click('#submit');
    await page.waitForSelector('#problem');
    await page.goBack();
    await fillPassword(page);
    await page.click('#submit');
    await page.waitForURL('**/account/sessions');
    await close();
  });

  it("after going back to a page in the browser's back/forward cache", async () => {
    const keeping = await launchChromium([], ['--disable-back-forward-cache']);
    const { page, close } = await openPage(keeping);
    await page.goto(start());
    await signIn(page);
    await page.waitForSelector('#allow');
    await page.evaluate('window.isKept = true');
    await page.click('#allow');
    await page.waitForURL(`${callback}?*`);
    await page.goBack({ waitUntil: 'commit' }); // such a page loads nothing
    expect(await page.evaluate('window.isKept')).toBe(true);
    expect(await page.getAttribute('#allow', 'aria-disabled')).toBe(null);
    toServer.hold();
    toServer.letGo();
    await page.click('#allow');
    await expect.poll(() => toServer.posts).toEqual(['/consent']);
    await close();
    await keeping.close();
  });

  it('after eight seconds without an answer', async () => {
    const { page, close } = await openPage(browser);
    await page.clock.install();
    await page.goto(`${server.issuer}/login`);
    let sent = 0;
    await page.route('**/login', (route) => {
      sent += 1;
      return route.fulfill({ status: 204 });
    });
    await signIn(page);
    await page.waitForSelector('#submit[aria-disabled]');
    await page.clock.fastForward(7000);
    await page.click('#submit', { force: true });
    expect(await page.getAttribute('#submit', 'aria-disabled')).toBe('true');
    await page.clock.fastForward(1000);
    await page.unroute('**/login');
    await page.click('#submit');
    await page.waitForURL('**/account');
    expect(sent).toBe(1);
    await close();
  });

  it('except the one with a code, however long the app takes', async () => {
    const { page, close } = await openPage(browser);
    await page.clock.install();
    await page.route(callback, (route) => route.fulfill({ status: 204 }));
    await page.goto(start({ response_mode: 'form_post' }));
    await signIn(page);
    await page.click('#allow');
    await page.waitForSelector('#continue[aria-disabled]');
    await page.clock.fastForward('01:00');
    await page.evaluate("addEventListener('submit', (event) => { window.isHeld = event.defaultPrevented; })");
    await page.click('#continue', { force: true });
    expect(await page.evaluate('window.isHeld')).toBe(true);
    expect(await page.getAttribute('#continue', 'aria-disabled')).toBe('true');
    await close();
  });
});

it('with JavaScript off one press sends the form', async () => {
  const { page, close } = await openPage(browser, { javaScriptEnabled: false });
  toApp.hold();
  toApp.letGo();
  await page.goto(start({ response_mode: 'form_post' }));
  await signIn(page);
  await page.click('#allow');
  await page.click('#continue');
  await page.waitForURL(callback);
  expect(toApp.posts).toEqual(['/callback']);
  await close();
});
