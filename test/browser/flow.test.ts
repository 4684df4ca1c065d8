import { createServer, type Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizeUrl, newPkce, publicClient, type Registered, redeem, requestOf } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { launchChromium, openPage, signIn } from './chromium.ts';

let server: TestServer;
let browser: Browser;
let app: Server;
let final: Server;
let callback: string;
let finalOrigin: string;
let client: Registered;

function serve(
  port: number,
  answer: (url: string, body: string) => { status: number; location?: string; body: string },
) {
  const listener = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, location, body } = answer(request.url ?? '', Buffer.concat(chunks).toString());
    if (location !== undefined) response.setHeader('location', location);
    response.writeHead(status, { 'content-type': 'text/html' }).end(body);
  });
  return new Promise<Server>((resolve) => listener.listen(port, '127.0.0.1', () => resolve(listener)));
}

beforeAll(async () => {
  server = await startServer();
  await server.user();
  const [appPort, finalPort] = [await freePort(), await freePort()];
  callback = `http://127.0.0.1:${appPort}/callback`;
  finalOrigin = `http://127.0.0.1:${finalPort}`;
  app = await serve(appPort, (url, body) =>
    url.startsWith('/callback?')
      ? { status: 302, location: `${finalOrigin}/done${url.slice('/callback'.length)}`, body: '' }
      : { status: 200, body: `<p id="posted">${body}</p>` },
  );
  final = await serve(finalPort, (url) => ({ status: 200, body: `<h1>Done</h1><p id="url">${url}</p>` }));
  client = await publicClient(server, { redirect_uris: [callback], client_name: 'Sample app' });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  app.close();
  final.close();
  await server.stop();
});

const start = (more: Record<string, string> = {}) =>
  authorizeUrl(server, requestOf(client.client, newPkce(), { prompt: 'consent', ...more }));

describe('with JavaScript off', () => {
  it('the whole flow works, and a callback on another origin that itself redirects is reached', async () => {
    const pkce = newPkce();
    const watched = await openPage(browser, { javaScriptEnabled: false });
    const { page } = watched;
    await page.goto(authorizeUrl(server, requestOf(client.client, pkce, { state: 'xyz' })));
    await signIn(page);
    await page.click('#allow');
    await page.waitForURL(`${finalOrigin}/done**`);
    const response = new URL(page.url()).searchParams;
    expect(response.get('state')).toBe('xyz');
    const agent = createUserAgent(server.issuer);
    const answer = await redeem(server, client, { code: response.get('code') ?? '', pkce, agent, response });
    expect(answer.status).toBe(200);
    expect(watched.complaints).toEqual([]);
    await watched.close();
  });

  it('deny leads back with access_denied', async () => {
    const { page, close } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(start());
    await signIn(page);
    await page.click('#deny');
    await page.waitForURL(`${finalOrigin}/done**`);
    expect(page.url()).toContain('error=access_denied');
    await close();
  });

  it('form_post continues by a button; with JavaScript it continues by itself', async () => {
    for (const javaScriptEnabled of [false, true]) {
      const { page, complaints, close } = await openPage(browser, { javaScriptEnabled });
      await page.goto(start({ response_mode: 'form_post' }));
      await signIn(page);
      await page.click('#allow');
      if (!javaScriptEnabled) await page.click('#continue');
      await page.waitForURL(callback);
      expect(await page.textContent('#posted')).toContain('code=');
      expect(complaints).toEqual([]);
      await close();
    }
  });
});

it('G12 A030 no page violates its policy or asks another origin for anything', async () => {
  const { page, complaints, origins, close } = await openPage(browser);
  await page.goto(`${server.issuer}/login`);
  await signIn(page);
  for (const path of [
    '/account',
    '/account/password',
    '/account/sessions',
    '/account/apps',
    '/logout',
    '/signed-out',
  ]) {
    await page.goto(server.issuer + path);
  }
  await page.goto(start());
  await page.waitForSelector('#allow');
  expect(complaints).toEqual([]);
  expect([...origins]).toEqual([server.issuer]);
  await page.goto(
    authorizeUrl(server, requestOf(client.client, newPkce(), { redirect_uri: 'https://evil.test' })),
  );
  expect(await page.textContent('h1')).toBe('Invalid redirect');
  expect([...origins]).toEqual([server.issuer]);
  await close();
});

it('L23 the back button after signing out shows nothing of the account', async () => {
  const { page, close } = await openPage(browser);
  await page.goto(`${server.issuer}/login`);
  await signIn(page);
  await page.goto(`${server.issuer}/account/sessions`);
  await page.goto(`${server.issuer}/logout`);
  await page.click('#confirm');
  await page.waitForURL('**/signed-out');
  await page.goBack();
  await page.goBack();
  expect(await page.content()).not.toContain('name="sid"');
  await close();
});

it('L11 A058 a form on another origin that posts to our pages is refused', async () => {
  const { page, close } = await openPage(browser);
  await page.goto(`${server.issuer}/login`);
  await signIn(page);
  for (const path of [
    '/login',
    '/consent',
    '/logout',
    '/account/password',
    '/account/sessions',
    '/account/apps',
  ]) {
    await page.goto(`${finalOrigin}/`);
    const answered = page.waitForResponse((response) => response.url() === server.issuer + path);
    const action = JSON.stringify(server.issuer + path);
    await page.setContent(`<form method="post" action=${action}><button>Win a prize</button></form>`);
    await page.click('button');
    expect([403, 303], path).toContain((await answered).status());
    await page.waitForLoadState();
  }
  await page.goto(`${server.issuer}/account`);
  expect(await page.textContent('h1')).toBe('Your account');
  await close();
});
