/** The examples while Gatehouse is away, or cannot serve: that says nothing of who signs in, or of a token. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { StorageUnavailableError } from '../../src/storage/storage-errors.ts';
import { newVisitor, type Visitor } from '../clients/web-app.ts';
import { passPages } from '../support/flow.ts';
import { formOf, type Page } from '../support/user-agent.ts';
import { type Port, type Stage, setStage } from './stage.ts';
import { ordersApp, tokensOf } from './tokens.ts';

const PATIENCE_MS = 120_000;
const [API, WEB_APP, SINGLE_PAGE_APP] = [8081, 3000, 3001] as const;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
  await stage.server.user();
  for (const page of ['api', 'web-app', 'single-page-app']) await stage.follow(page);
}, PATIENCE_MS);
afterEach(() => void vi.restoreAllMocks());
afterAll(() => stage.stop());

/** Somebody who signed in at Gatehouse, and the address at which the app waits for them. */
async function comeBack(port: Port): Promise<{ visitor: Visitor; callback: string }> {
  const visitor = newVisitor(stage.server, { origin: stage.origin(port) });
  const { location = '' } = await visitor.app.fetch(`${stage.origin(port)}/login`);
  const answer = await passPages(visitor.provider, await visitor.provider.open(location));
  return { visitor, callback: answer.location ?? '' };
}

/** Gatehouse answers 503. */
function breakGatehouse(): void {
  const fault = new StorageUnavailableError('the disk is full');
  vi.spyOn(stage.server.gatehouse.db, 'write').mockRejectedValue(fault);
}

/** As the page that is still open does; gives where the app leads. */
async function pressSignOut({ app }: Visitor, home: Page): Promise<string> {
  const fields = formOf(home, ['sub']).fields;
  const origin = stage.origin(WEB_APP);
  const body = new URLSearchParams(fields);
  const sent = await app.fetch(`${origin}/logout`, { method: 'POST', headers: { origin }, body });
  return sent.location ?? '';
}

async function askSignOut({ app }: Visitor): Promise<string> {
  const headers = { 'x-orders': '1', 'x-person': 'whoever was signed in' };
  const answer = await app.fetch(`${stage.origin(SINGLE_PAGE_APP)}/logout`, { method: 'POST', headers });
  return JSON.parse(answer.body).location;
}

const AWAY = 'Something is not there that this page needs. Try again.';
const HOME = '<a href="/">To the orders</a>';

it('the web app says so to who comes back meanwhile, and takes the same answer when Gatehouse is there', async () => {
  const { visitor, callback } = await comeBack(WEB_APP);
  breakGatehouse();
  const refused = await visitor.app.fetch(callback);
  expect([refused.status, refused.body.includes(AWAY), refused.body.includes(HOME)]).toEqual([
    502,
    true,
    true,
  ]);
  vi.restoreAllMocks();
  expect((await visitor.app.follow(await visitor.app.fetch(callback))).body).toContain('Signed in as');
  expect((await visitor.app.fetch(callback)).status).toBe(400);
});

it('the single-page app says so, and lets the person sign in when Gatehouse is there', async () => {
  const { visitor, callback } = await comeBack(SINGLE_PAGE_APP);
  const app = stage.origin(SINGLE_PAGE_APP);
  breakGatehouse();
  expect((await visitor.app.fetch(callback)).location).toBe(`${app}/?problem=away`);
  vi.restoreAllMocks();
  const again = await visitor.app.fetch(`${app}/login`);
  const answer = await visitor.provider.open(again.location ?? '');
  expect((await visitor.app.fetch(answer.location ?? '')).location).toBe(`${app}/`);
});

it('the web app keeps what was typed where nothing answers an order', async () => {
  const { visitor, callback } = await comeBack(WEB_APP);
  const home = await visitor.app.follow(await visitor.app.fetch(callback));
  await stage.program(8080).end();
  expect((await visitor.app.submit(home, { item: 'tea "for two"' })).body).toContain(AWAY);
  await stage.program(8080).again();
  expect((await visitor.app.fetch(`${stage.origin(WEB_APP)}/`)).body).toContain(
    'value="tea &#34;for two&#34;"',
  );
});

it('where their own session is gone, the apps sign out at Gatehouse all the same, which asks the person', async () => {
  for (const port of [WEB_APP, SINGLE_PAGE_APP] as const) {
    const { visitor, callback } = await comeBack(port);
    const home = await visitor.app.follow(await visitor.app.fetch(callback));
    visitor.app.cookies.clear();
    const asked = await visitor.provider.open(
      await (port === WEB_APP ? pressSignOut : askSignOut)(visitor, home),
    );
    expect(asked.body).toContain('id="confirm"');
    const left = await visitor.provider.submit(asked, {});
    expect(left.location).toBe(`${stage.origin(port)}/`);
    const { location = '' } = await visitor.app.fetch(`${stage.origin(port)}/login`);
    expect((await visitor.provider.open(location)).body).toContain('name="password"');
  }
});

it('where nothing answers for Gatehouse at all, the apps say so, and the API calls no token invalid', async () => {
  const { access_token } = await tokensOf(stage.server, await ordersApp(stage.server));
  const [web, single] = [await comeBack(WEB_APP), await comeBack(SINGLE_PAGE_APP)];
  // It knows no keys yet.
  await stage.program(API).again();
  await stage.server.stop();
  const refused = await web.visitor.app.fetch(web.callback);
  expect([refused.status, refused.body.includes(AWAY)]).toEqual([502, true]);
  const { location } = await single.visitor.app.fetch(single.callback);
  expect(location).toBe(`${stage.origin(SINGLE_PAGE_APP)}/?problem=away`);
  const headers = { authorization: `Bearer ${access_token}` };
  const answer = await fetch(`${stage.origin(API)}/orders`, { headers });
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([503, null]);
});
