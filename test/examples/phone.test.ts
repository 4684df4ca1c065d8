/** The web app and the single-page app, by somebody with a phone: Chromium, 320 px wide. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { violations } from '../browser/axe.ts';
import { launchChromium, openPage, signIn, type Watched } from '../browser/chromium.ts';
import { forgetAnswers } from './gateway.ts';
import { type Stage, setStage } from './stage.ts';

const PATIENCE_MS = 120_000;
const PHONE = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };

let stage: Stage;
let browser: Browser;
let username: string;
let people = 0;
const another = () => `another${people}`;
beforeAll(async () => {
  stage = await setStage();
  for (const page of ['api', 'web-app', 'single-page-app']) await stage.follow(page);
  browser = await launchChromium();
}, PATIENCE_MS);
afterAll(async () => {
  await browser.close();
  await stage.stop();
});

beforeEach(async () => {
  people += 1;
  username = `person${people}`;
  for (const name of [username, another()]) await stage.server.user(name);
});

/** From the page that asks for a password back into the app. */
async function enter(page: Page, name = username): Promise<void> {
  await signIn(page, name);
  await allow(page);
}

async function allow(page: Page): Promise<void> {
  const [button, field] = [page.locator('#allow'), page.locator('[name=item]')];
  await button.or(field).first().waitFor();
  if (await button.isVisible()) await button.click();
  await field.waitFor();
}

/** Into the app, beside whoever is signed in in this browser. */
async function enterAs(page: Page, app: string, name: string): Promise<void> {
  await page.goto(`${stage.server.issuer}/login?account=another`);
  await signIn(page, name);
  await page.waitForURL('**/account');
  await page.goto(`${app}/login`);
  await allow(page);
}

async function order(page: Page, item: string): Promise<void> {
  await page.fill('[name=item]', item);
  await page.tap('button:text-is("Order")');
}

describe.each([
  ['web app', 3000],
  ['single-page app', 3001],
] as const)('the %s', (_name, port) => {
  let app: string;
  let phone: Watched;
  let page: Page;
  beforeEach(async () => {
    app = stage.origin(port);
    phone = await openPage(browser, PHONE);
    page = phone.page;
    page.setDefaultTimeout(15_000);
    return phone.close;
  });

  it(
    'takes the answers of two sign-ins that were begun in two tabs',
    async () => {
      const second = await page.context().newPage();
      second.setDefaultTimeout(15_000);
      for (const tab of [page, second]) await tab.goto(`${app}/login`);
      for (const tab of [page, second]) await enter(tab);
    },
    PATIENCE_MS,
  );

  it(
    'has no violation of WCAG 2.2 AA, and nothing scrolls sideways',
    async () => {
      const look = async () => {
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate('[innerWidth, document.documentElement.scrollWidth]')).toEqual([320, 320]);
      };
      await page.goto(`${app}/callback?error=access_denied`);
      await page.waitForSelector('text=This sign-in is not good any more.');
      await look();
      await page.goto(app);
      await page.waitForSelector('text=Sign in');
      await look();
      await page.tap('text=Sign in');
      await enter(page);
      await order(page, 'w'.repeat(100));
      await page.waitForSelector('li');
      await look();
    },
    PATIENCE_MS,
  );

  it(
    'orders for nobody who signed in since in another tab, nor signs them out',
    async () => {
      const second = await page.context().newPage();
      second.setDefaultTimeout(15_000);
      await page.goto(`${app}/login`);
      await enter(page);
      await second.goto(app);
      await second.waitForSelector('[name=item]');
      const third = await page.context().newPage();
      third.setDefaultTimeout(15_000);
      await enterAs(third, app, another());
      await order(page, 'Äpfel & Birnen');
      await page.waitForSelector('text=Somebody else is signed in now. “Äpfel & Birnen” was not ordered.');
      await second.tap('text=Sign out');
      await second.waitForSelector('text=Somebody else is signed in now.');
      for (const tab of [page, second]) {
        await tab.tap('text=To the orders');
        await tab.waitForSelector('[name=item]');
        expect(await tab.inputValue('[name=item]')).toBe('');
        expect(await tab.innerText('main')).not.toContain('Äpfel');
      }
      await order(page, 'Brot');
      await page.waitForSelector('li:text-is("Brot")');
    },
    PATIENCE_MS,
  );

  it(
    'says what was not ordered since the session is over, and has it in the field of that person alone after a sign-in',
    async () => {
      await page.goto(`${app}/login`);
      await enter(page);
      await stage.run(`npx gatehouse session revoke --user ${username}`);
      await forgetAnswers(stage);
      await order(page, 'Äpfel & Birnen');
      await page.waitForSelector('text=You were signed out. “Äpfel & Birnen” was not ordered.');
      await page.tap('text=Sign in');
      await enter(page, another());
      expect(await page.inputValue('[name=item]')).toBe('');
      await enterAs(page, app, username);
      expect(await page.inputValue('[name=item]')).toBe('Äpfel & Birnen');
      await page.tap('button:text-is("Order")');
      await page.waitForSelector('li:text-is("Äpfel & Birnen")');
      expect(await page.inputValue('[name=item]')).toBe('');
      await page.reload();
      await page.waitForSelector('li:text-is("Äpfel & Birnen")');
      expect(await page.inputValue('[name=item]')).toBe('');
    },
    PATIENCE_MS,
  );
});
