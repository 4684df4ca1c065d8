/** What is wrong with a form is to be seen on a phone, though the browser scrolls to the field that has the focus. WCAG 1.4.4, 1.4.10 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { launchChromium, openPage, signIn } from './chromium.ts';

const FRESH = 'a quite new passphrase';

let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  server = await startServer();
  await server.user();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const SCREENS = [
  { width: 360, height: 640 },
  { width: 320, height: 568 },
  // Held across, below a browser's bars.
  { width: 640, height: 280 },
  { width: 568, height: 260 },
];

/** As a browser does whose text is set to twice its size. */
async function enlarge(page: Page, percent: number): Promise<void> {
  await page.addInitScript(`new MutationObserver((_, observer) => {
    observer.disconnect();
    document.documentElement.style.fontSize = '${percent}%';
  }).observe(document, { childList: true })`);
}

/** The whole of it; of what is larger than the screen, as at twice the size, three lines right above the field. */
const isInSight = (page: Page) =>
  page.evaluate(`(() => {
    const { top, bottom, height } = document.querySelector('#problem').getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0) >= Math.min(height, 140);
  })()`);

describe.each(SCREENS)('on a screen of $width × $height', (screen) => {
  it.each([100, 150, 200])('the problem is visible at %i percent of the text size', async (percent) => {
    const { page, close } = await openPage(browser);
    await page.setViewportSize(screen);
    await enlarge(page, percent);
    await page.goto(`${server.issuer}/login`);
    await signIn(page, 'alice', 'not the password');
    await page.waitForSelector('#problem');
    expect(await isInSight(page), 'sign-in').toBe(true);
    await page.goto(`${server.issuer}/login`);
    await signIn(page, 'alice');
    await page.waitForURL('**/account');
    for (const [current, fresh, again] of [
      ['wrong', FRESH, FRESH],
      [PASSWORD, 'short', 'short'],
      [PASSWORD, FRESH, 'another one'],
    ] as const) {
      await page.goto(`${server.issuer}/account/password`);
      await page.fill('#current_password', current);
      await page.fill('#new_password', fresh);
      await page.fill('#new_password_again', again);
      await page.click('#submit');
      await page.waitForSelector('#problem');
      expect(await isInSight(page), `${current}, ${fresh}, ${again}`).toBe(true);
    }
    await close();
  });
});

/** More wrong passwords than may be tried before a pause, of this form and without a page for each. */
async function tryTooOften(page: Page): Promise<void> {
  const form = await page.evaluate<Record<string, string>>(
    "Object.fromEntries(new FormData(document.querySelector('form')))",
  );
  const headers = { origin: new URL(server.issuer).origin };
  const fields = { ...form, current_password: 'wrong', new_password: FRESH, new_password_again: FRESH };
  let status = 200;
  for (let tries = 0; status === 200 && tries < 20; tries += 1)
    status = (await page.request.post(page.url(), { form: fields, headers })).status();
  expect(status).toBe(429);
}

it('the pause after too many wrong passwords is visible where a password is changed', async () => {
  await server.user('bob');
  const { page, close } = await openPage(browser);
  await page.goto(`${server.issuer}/login`);
  await signIn(page, 'bob');
  await page.waitForURL('**/account');
  await page.goto(`${server.issuer}/account/password`);
  await tryTooOften(page);
  for (const screen of SCREENS) {
    await page.setViewportSize(screen);
    await page.goto(`${server.issuer}/account/password`);
    for (const field of ['current', 'new']) await page.fill(`#${field}_password`, FRESH);
    await page.fill('#new_password_again', FRESH);
    await page.click('#submit');
    await page.waitForSelector('#problem');
    expect(await isInSight(page), `${screen.width} × ${screen.height}`).toBe(true);
  }
  await close();
});
