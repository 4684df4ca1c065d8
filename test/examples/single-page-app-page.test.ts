/** The page of examples/single-page-app in Chromium, with a server that answers as the test says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, openPage, type Watched } from '../browser/chromium.ts';
import { root } from '../documents/blocks.ts';

const APP = 'http://orders.example.com';
const FOLDER = join(root, 'examples/single-page-app/public');
const NO_ANSWER = 'No answer came. Look whether you are connected, and reload this page.';

type Answer = (route: Route) => Promise<void>;
const status =
  (code: number): Answer =>
  (route) =>
    route.fulfill({ status: code });
const noAnswer: Answer = (route) => route.abort();

let browser: Browser;
let watched: Watched;
let page: Page;
/** What was ordered. */
let orders: string[];
/** By method and path; what is not here is answered as on a good day. */
let answers: Record<string, Answer>;
let mistakes: Error[];
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(() => begin());
afterEach(async () => {
  await watched.close();
  expect(mistakes).toEqual([]);
});

async function begin(options: BrowserContextOptions = {}): Promise<void> {
  [orders, answers, mistakes] = [[], {}, []];
  watched = await openPage(browser, options);
  page = watched.page;
  page.on('pageerror', (error) => mistakes.push(error));
  await page.route(`${APP}/**`, (route) => {
    const request = route.request();
    const asked = `${request.method()} ${new URL(request.url()).pathname}`;
    return (answers[asked] ?? goodDay[asked] ?? showFile)(route);
  });
}

const goodDay: Record<string, Answer> = {
  'GET /me': (route) => route.fulfill({ json: { sub: 'alice' } }),
  'GET /api/orders': (route) => route.fulfill({ json: orders }),
  'POST /api/orders': (route) => {
    orders.push(route.request().postDataJSON().item);
    return route.fulfill({ status: 201 });
  },
};

const showFile: Answer = (route) => {
  const { pathname } = new URL(route.request().url());
  const name = pathname === '/' ? 'index.html' : pathname.slice(1);
  const contentType = name.endsWith('.js') ? 'text/javascript' : `text/${name.split('.').at(-1)}`;
  return route.fulfill({ contentType, body: readFileSync(join(FOLDER, name), 'utf8') });
};

async function openOrders(): Promise<void> {
  await page.goto(APP);
  await page.waitForSelector('#signed-in:not([hidden])');
}

async function order(item: string): Promise<void> {
  await page.fill('input[name=item]', item);
  await page.click('#order button');
}

/** By a screen reader too, of itself. */
const isSaid = (words: string) => expect.poll(() => page.textContent('[role=status]')).toBe(words);

describe('an order', () => {
  it('is made once, however often it is pressed until the answer is there', async () => {
    await openOrders();
    let letGo = () => {};
    const held = new Promise<void>((done) => {
      letGo = done;
    });
    let presses = 0;
    answers['POST /api/orders'] = async (route) => {
      presses += 1;
      await held;
      return goodDay['POST /api/orders']?.(route);
    };
    await order('tea');
    await page.click('#order button');
    await page.press('input[name=item]', 'Enter');
    letGo();
    await page.waitForSelector('li:text-is("tea")');
    expect(presses).toBe(1);
    await order('cake');
    await page.waitForSelector('li:text-is("cake")');
    expect(orders).toEqual(['tea', 'cake']);
  });

  it('empties the field, and is said', async () => {
    await openOrders();
    await order('tea');
    await isSaid('“tea” was ordered.');
    expect(await page.inputValue('input[name=item]')).toBe('');
  });

  it('that is not made is said, with a way on, and waits for its own person', async () => {
    await openOrders();
    answers['POST /api/orders'] = status(409);
    await order('tea');
    await isSaid('Somebody else is signed in now. “tea” was not ordered.');
    const visible = ['#signed-in', '#signed-out', '#somebody-else'].map((id) => page.isVisible(id));
    expect(await Promise.all(visible)).toEqual([false, false, true]);
    answers = { 'GET /me': (route) => route.fulfill({ json: { sub: 'bob' } }) };
    await page.click('text=To the orders');
    await page.waitForSelector('#signed-in:not([hidden])');
    expect(await page.inputValue('input[name=item]')).toBe('');
    answers = {};
    await page.reload();
    await page.waitForSelector('#signed-in:not([hidden])');
    expect(await page.inputValue('input[name=item]')).toBe('tea');
  });

  it('that was made is said to be made, although the list cannot be had', async () => {
    await openOrders();
    answers['GET /api/orders'] = status(503);
    await order('tea');
    await isSaid('“tea” was ordered. The list of your orders cannot be had now.');
  });
});

describe('a problem', () => {
  it('is taken back at the next try, and what was typed stays until then', async () => {
    await openOrders();
    answers['POST /api/orders'] = status(503);
    await order('tea');
    await isSaid('That did not work (503). Try again.');
    expect(await page.inputValue('input[name=item]')).toBe('tea');
    answers = {};
    await page.click('#order button');
    await isSaid('“tea” was ordered.');
  });

  it.each([
    ['POST /api/orders', '#order button'],
    ['POST /logout', '#sign-out'],
  ])(
    'is said where no answer comes to %s, and what was typed is there after a reload',
    async (asked, button) => {
      await openOrders();
      await page.fill('input[name=item]', 'tea');
      answers[asked] = noAnswer;
      await page.click(button);
      await isSaid(NO_ANSWER);
      answers = {};
      await page.reload();
      await page.waitForSelector('#signed-in:not([hidden])');
      expect(await page.inputValue('input[name=item]')).toBe('tea');
      await page.click('#order button');
      await isSaid('“tea” was ordered.');
      await page.reload();
      await page.waitForSelector('#signed-in:not([hidden])');
      expect(await page.inputValue('input[name=item]')).toBe('');
    },
  );

  it('is said where the answer takes longer than 30 seconds', async () => {
    await page.addInitScript(`AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      window.over = () => { controller.abort(); return ms; };
      return controller.signal;
    }`);
    await openOrders();
    answers['POST /api/orders'] = () => new Promise(() => {});
    await order('tea');
    await isSaid('One moment …');
    expect(await page.evaluate('over()')).toBe(30_000);
    await isSaid(NO_ANSWER);
  });

  it.each([
    ['/me does not answer', 'GET /me', noAnswer, NO_ANSWER],
    ['/me answers 502', 'GET /me', status(502), 'That did not work (502). Try again.'],
    ['the list cannot be had', 'GET /api/orders', status(503), 'That did not work (503). Try again.'],
  ])('is said where %s', async (_name, asked, answer, words) => {
    answers[asked] = answer;
    await page.goto(APP);
    await isSaid(words);
    expect(await page.isVisible('#order')).toBe(asked !== 'GET /me');
  });

  it('that the address tells is said once', async () => {
    answers['GET /me'] = status(401);
    await page.goto(`${APP}/?problem=denied`);
    await isSaid('You did not allow it.');
    await page.reload();
    await page.waitForSelector('#signed-out:not([hidden])');
    await isSaid('');
  });

  it.each([
    ['denied', 'You did not allow it.'],
    ['expired', 'This sign-in is not good any more.'],
    ['away', 'Something is not there that a sign-in needs. Try again.'],
  ])('%s is said, with the way to sign in', async (problem, words) => {
    answers['GET /me'] = status(401);
    await page.goto(`${APP}/?problem=${problem}`);
    await isSaid(words);
    expect(await page.isVisible('text=Sign in')).toBe(true);
  });

  it.each([
    ['is blocked or lost', noAnswer],
    ['is not there', status(404)],
  ])('is said where the script of the page %s', async (_what, answer) => {
    answers['GET /app.js'] = answer;
    await page.goto(APP);
    expect(await page.innerText('main')).toContain('the script of this page did not arrive: load it again.');
  });

  it('is said where the browser runs no JavaScript', async () => {
    await watched.close();
    await begin({ javaScriptEnabled: false });
    await page.goto(APP);
    expect(await page.innerText('body')).toContain('This page needs JavaScript.');
  });
});
