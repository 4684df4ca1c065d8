/** What a page's scripts add for the person in front of it. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizeUrl, newPkce, publicClient, type Registered, requestOf } from '../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { launchChromium, openPage, signIn } from './chromium.ts';

let server: TestServer;
let browser: Browser;
let client: Registered;
beforeAll(async () => {
  server = await startServer();
  await server.user();
  client = await publicClient(server);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const focused = 'document.activeElement?.id';

describe('a password', () => {
  it('is shown while its button is pressed, and is sent as a password', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${server.issuer}/login`);
    const button = page.getByRole('button', { name: 'Show password: Password' });
    await page.fill('#password', PASSWORD);
    expect([await page.getAttribute('#password', 'type'), await button.getAttribute('aria-pressed')]).toEqual(
      ['password', 'false'],
    );
    await button.click();
    expect([await page.getAttribute('#password', 'type'), await button.getAttribute('aria-pressed')]).toEqual(
      ['text', 'true'],
    );
    await page.fill('#username', 'alice');
    await page.evaluate(`document.addEventListener('submit', (event) => event.preventDefault())`);
    await page.click('#submit');
    expect(await page.getAttribute('#password', 'type')).toBe('password');
    await close();
  });

  it('has a button with its own name for each field', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${server.issuer}/login`);
    await signIn(page, 'alice');
    await page.waitForURL('**/account');
    await page.goto(`${server.issuer}/account/password`);
    const names = await page
      .locator('.show-password')
      .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    expect(new Set(names).size).toBe(3);
    expect(await page.evaluate(focused)).toBe('current_password');
    await close();
  });
});

describe('the first field', () => {
  it('has the focus: the username, or the password where the app named the user', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${server.issuer}/login`);
    expect(await page.evaluate(focused)).toBe('username');
    await page.goto(authorizeUrl(server, requestOf(client.client, newPkce(), { login_hint: 'alice' })));
    expect(await page.evaluate(focused)).toBe('password');
    await close();
  });
});

describe('a page at another address of the host', () => {
  it('has a link to the right address before anything is typed', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${server.issuer}/login`);
    expect(await page.isVisible('#other-address')).toBe(false);
    await page.goto(`${server.issuer.replace('localhost', '127.0.0.1')}/login`);
    expect(await page.isVisible('#other-address')).toBe(true);
    await page.click('#other-address a');
    await page.waitForURL(`${server.issuer}/login`);
    await close();
  });

  it('tells the user to start again at the app, and has no link, where an app began', async () => {
    const { page, close } = await openPage(browser);
    const asked = authorizeUrl(server, requestOf(client.client, newPkce()));
    await page.goto(asked.replace('localhost', '127.0.0.1'));
    expect(await page.textContent('#other-address')).toContain('start again from the app');
    expect(await page.isVisible('#other-address')).toBe(true);
    expect(await page.locator('#other-address a').count()).toBe(0);
    await close();
  });

  it('has the link after a form was sent, too, without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${server.issuer.replace('localhost', '127.0.0.1')}/login`);
    await page.fill('#username', 'alice');
    await page.fill('#password', PASSWORD);
    await page.click('#submit');
    await page.click('#own-address');
    await page.waitForURL(`${server.issuer}/login`);
    await context.close();
  });
});

describe('the buttons of the consent page', () => {
  it.each(['en', 'de', 'fr', 'es', 'ja', 'ar'])(
    'are words on a small screen with larger text, not letters below each other: %s',
    async (language) => {
      const { page, close } = await openPage(browser, {
        viewport: { width: 360, height: 640 },
        locale: language,
      });
      await page.goto(authorizeUrl(server, requestOf(client.client, newPkce())));
      await signIn(page, 'alice');
      for (const pixels of [16, 20, 24, 32]) {
        await page.evaluate(`document.documentElement.style.fontSize = '${pixels}px'`);
        const lines: number[] =
          await page.evaluate(`[...document.querySelectorAll('.pair button')].map((button) => {
          const range = document.createRange();
          range.selectNodeContents(button);
          return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
        })`);
        expect(lines, `${pixels} px`).toEqual([1, 1]);
      }
      await close();
    },
  );
});
