/** docs/tutorials/single-page-app.md: the page in Chromium, and its server as others may ask it. */
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error an example, in JavaScript
import { createSeal, openSessions } from '../../examples/single-page-app/sessions.mjs';
import { launchChromium, signIn } from '../browser/chromium.ts';
import { auditEvents } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { forgetAnswers } from './gateway.ts';
import { type Stage, setStage } from './stage.ts';

const PATIENCE_MS = 120_000;
const COOKIE = '__Host-session';

let stage: Stage;
let app: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** Somebody new for every test, who has not allowed anything yet. */
let username: string;
let people = 0;
/** What the browser got to see of the app: each answer's address, headers and body. */
let seen: string[];
beforeAll(async () => {
  stage = await setStage();
  app = stage.origin(3001);
  await stage.follow('api');
  await stage.follow('single-page-app');
  browser = await launchChromium();
}, PATIENCE_MS);
afterAll(async () => {
  await browser.close();
  await stage.stop();
});

it('every command of docs/tutorials/single-page-app.md did what the page says', () => {
  expect(stage.program(3001).output()).toBe(`the app listens on ${app}\n`);
});

async function enter(): Promise<void> {
  await page.goto(app);
  await page.click('text=Sign in');
  await signIn(page, username);
  await page.click('#allow');
  await page.waitForSelector('#signed-in:not([hidden])');
}

const sessionId = async () => (await context.cookies()).find(({ name }) => name === COOKIE)?.value ?? '';

/** The server, asked by something that is no page of it. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  const cookie = `${COOKIE}=${await sessionId()}`;
  return fetch(`${app}${path}`, { method, headers: { cookie, ...headers }, redirect: 'manual' });
}

const clientId = async (): Promise<string> =>
  JSON.parse(readFileSync(join(stage.directory, 'single-page-app-client.json'), 'utf8')).client_id;

const OURS = { 'x-orders': '1' };
/** What the page of the person who is signed in sends. */
const theirs = async () => ({ ...OURS, 'x-person': readSession(await sessionId()).sub });

async function renewed(): Promise<number> {
  const events = await auditEvents(stage.server);
  const issued = events.filter(({ type }) => type === 'token.issued');
  return issued.filter(({ details }) => details?.grant_type === 'refresh_token').length;
}

/** The page asks ten times at once, of ten addresses, since Chromium puts equal ones in a row; gives the statuses. */
const askTenTimes = async (): Promise<number[]> =>
  page.evaluate(
    `Promise.all(Array.from({ length: 10 }, (_, n) => fetch('/api/orders?' + n, { headers: ${JSON.stringify(await theirs())} }).then(({ status }) => status)))`,
  );

const folder = () => join(stage.directory, 'sessions');
const fileOf = (id: string) => join(folder(), createHash('sha256').update(id).digest('hex'));
const sessionKey = () => Buffer.from(readFileSync(join(stage.directory, 'session.key'), 'utf8'), 'base64');
const storedSessions = (key = sessionKey()) => openSessions(folder(), createSeal(key));
const readSession = (id: string) => storedSessions().read(id);

beforeEach(async () => {
  people += 1;
  username = `person${people}`;
  await stage.server.user(username, { name: 'Alice Adler' });
  context = await browser.newContext();
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  seen = [];
  page.on('response', (answer) => {
    if (!answer.url().startsWith(app)) return;
    const parts = Promise.all([answer.allHeaders(), answer.text()]);
    // What was left for another page meanwhile is not told.
    parts.then((all) => seen.push(JSON.stringify([answer.url(), ...all]))).catch(() => {});
  });
  await enter();
});
afterEach(() => context.close());

describe('the browser', () => {
  it('orders and sees the orders, and sees no token', async () => {
    await page.fill('input[name=item]', '<i>tea</i>');
    await page.click('#order button');
    await page.waitForSelector('#orders li');
    expect(await page.textContent('#orders')).toBe('<i>tea</i>');
    await expect
      .poll(() => seen.filter((answer) => answer.includes('/api/orders')).length)
      .toBeGreaterThan(1);
    expect(seen.join('\n')).not.toMatch(/eyJ[\w-]+\./);
    const kept = await page.evaluate(
      `JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])`,
    );
    expect(kept).toBe('["",{},{}]');
  });

  it('has one cookie, of this host alone, which no script reads and no other site sends', async () => {
    const cookies = (await context.cookies()).filter(({ name }) => name.startsWith('__Host-'));
    expect(cookies).toMatchObject([
      { name: COOKIE, secure: true, httpOnly: true, sameSite: 'Strict', path: '/' },
    ]);
  });

  it('remembers the last five sign-ins that were begun', async () => {
    await context.clearCookies();
    const begun = async () =>
      (await context.cookies()).map(({ name }) => name).filter((name) => name.startsWith('__Host-login-'));
    await page.goto(`${app}/login`);
    const [first = ''] = await begun();
    for (let tab = 1; tab < 6; tab += 1) await page.goto(`${app}/login`);
    expect(await begun()).toHaveLength(5);
    expect(await begun()).not.toContain(first);
  });

  it('is signed out of both, its tokens end, and it comes back', async () => {
    const { tokens } = readSession(await sessionId());
    const headers = { cookie: `${COOKIE}=${await sessionId()}`, ...OURS };
    await page.click('#sign-out');
    await page.waitForSelector('#signed-out:not([hidden])');
    expect(page.url()).toBe(`${app}/`);
    expect((await fetch(`${app}/api/orders`, { headers })).status).toBe(401);
    const events = await auditEvents(stage.server);
    expect(events.map(({ type }) => type)).toContain('token.revoked');
    await forgetAnswers(stage);
    const authorization = `Bearer ${tokens.access_token}`;
    expect((await fetch(`${stage.origin(8080)}/orders`, { headers: { authorization } })).status).toBe(401);
    await page.click('text=Sign in');
    await page.waitForSelector('input[name=password]');
  });

  it('is signed out where the person was signed out at Gatehouse', async () => {
    await stage.run(`npx gatehouse session revoke --user ${username}`);
    await forgetAnswers(stage);
    await page.reload();
    await page.waitForSelector('#signed-out:not([hidden])');
    expect(await page.isVisible('#signed-in')).toBe(false);
    expect(readSession(await sessionId())).toBeUndefined();
  });

  it('says so where the person does not allow it', async () => {
    await stage.run(`npx gatehouse grant revoke --user ${username} --client ${await clientId()}`);
    await context.clearCookies();
    await page.goto(`${app}/login`);
    await signIn(page, username);
    await page.click('#deny');
    await page.waitForSelector('text=You did not allow it.');
  });
});

describe('one renewal at a time', () => {
  it('for ten calls at once that the API says no to', async () => {
    stage.server.clock.advance(360_000);
    await forgetAnswers(stage);
    const before = await renewed();
    expect(await askTenTimes()).toEqual(Array(10).fill(200));
    expect((await renewed()) - before).toBe(1);
  });

  it('for ten calls at once shortly before the token ends, which is kept until then', async () => {
    const before = await renewed();
    expect(await askTenTimes()).toEqual(Array(10).fill(200));
    expect((await renewed()) - before).toBe(0);
    const id = await sessionId();
    const held = readSession(id);
    const tokens = { ...held.tokens, endsAt: Date.now() + 20_000 };
    storedSessions().replace(id, { ...held, tokens });
    expect(await askTenTimes()).toEqual(Array(10).fill(200));
    expect((await renewed()) - before).toBe(1);
  });
});

describe('at rest', () => {
  it('a session is sealed: neither its tokens nor its id are in its file, and it opens under its own name and key alone', async () => {
    const id = await sessionId();
    const { tokens } = readSession(id);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      aud: 'https://api.example.com',
      scope: 'openid orders:read orders:write',
    });
    const files = readdirSync(folder()).map((name) => name + readFileSync(join(folder(), name), 'utf8'));
    for (const secret of [id, tokens.access_token, tokens.refresh_token, tokens.id_token, 'access_token'])
      for (const text of files) expect(text).not.toContain(secret);
    expect(storedSessions(Buffer.alloc(32, 1)).read(id)).toBeUndefined();
    const another = storedSessions().begin({ endsAt: Date.now() + 60_000 });
    expect(readSession(another)).toBeDefined();
    copyFileSync(fileOf(id), fileOf(another));
    expect(readSession(another)).toBeUndefined();
  });

  it('a session outlasts its server, with the same key, and not with another', async () => {
    await stage.program(3001).again();
    await page.reload();
    await page.waitForSelector('#signed-in:not([hidden])');
    await stage.run(`node -p "crypto.randomBytes(32).toString('base64')" > session.key`);
    await stage.program(3001).again();
    await page.reload();
    await page.waitForSelector('#signed-out:not([hidden])');
    expect(readdirSync(folder())).toEqual([]);
  });
});

it('the page of somebody else gets 409, and nothing is done', async () => {
  for (const other of [OURS, { ...OURS, 'x-person': 'somebody else' }]) {
    expect((await ask('/api/orders', other)).status).toBe(409);
    expect((await ask('/api/orders', other, 'POST')).status).toBe(409);
    expect((await ask('/logout', other, 'POST')).status).toBe(409);
  }
  expect((await ask('/api/orders', await theirs())).status).toBe(200);
});

describe('other sites', () => {
  it('cannot ask for the person, by page or by form', async () => {
    const port = await freePort();
    const strange = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(`<!doctype html>
        <form method="post" action="${app}/logout"></form>
        <form id="order" method="post" enctype="text/plain" action="${app}/api/orders"><input name='{"item":"' value='mud"}'></form>`);
    });
    await new Promise<void>((done) => strange.listen(port, '127.0.0.1', done));
    // Another port of the same host is the same site: its cookies go along, and the header does not.
    await page.goto(`http://localhost:${port}/`);
    const asked = `fetch('${app}/api/orders', { method: 'POST', credentials: 'include', body: '{"item":"mud"}', headers: HEADERS })
      .then(({ status }) => status, () => 'failed')`;
    expect(await page.evaluate(asked.replace('HEADERS', `{ 'x-orders': '1' }`))).toBe('failed');
    expect(await page.evaluate(asked.replace('HEADERS', `{}`))).toBe('failed');
    const [answer] = await Promise.all([
      page.waitForResponse(`${app}/api/orders`),
      page.evaluate(`document.getElementById('order').submit()`),
    ]);
    expect(answer.status()).toBe(403);
    page = await context.newPage();
    await page.goto(app);
    await page.waitForSelector('#signed-in:not([hidden])');
    expect(await page.textContent('#orders')).not.toContain('mud');
    await new Promise((done) => strange.close(done));
  });

  it('get 403 without the header or from elsewhere, and 401 without a session', async () => {
    for (const path of ['/me', '/api/orders']) {
      expect((await ask(path)).status).toBe(403);
      expect((await ask(path, { ...OURS, 'sec-fetch-site': 'same-site' })).status).toBe(403);
      expect((await ask(path, { ...OURS, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      expect((await ask(path, { ...OURS, cookie: `${COOKIE}=../../session.key` })).status).toBe(401);
      expect((await ask(path, await theirs())).status).toBe(200);
    }
    expect((await ask('/logout', {}, 'POST')).status).toBe(403);
    expect((await ask('/api/report', await theirs())).status).toBe(404);
  });

  it('cannot have somebody signed in as another: an answer without the cookie of its request is refused', async () => {
    const { status, headers } = await ask('/callback?code=x&state=x');
    expect([status, headers.get('location')]).toEqual([303, '/?problem=expired']);
  });
});
