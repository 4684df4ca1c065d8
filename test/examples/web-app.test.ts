/** docs/tutorials/web-app.md: the app, by somebody with a browser without JavaScript. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newVisitor, type Visitor } from '../clients/web-app.ts';
import { auditEvents, passPages } from '../support/flow.ts';
import { PASSWORD } from '../support/server.ts';
import { formOf, type Page } from '../support/user-agent.ts';
import { forgetAnswers } from './gateway.ts';
import { type Stage, setStage } from './stage.ts';

const PATIENCE_MS = 120_000;

let stage: Stage;
let app: string;
let visitor: Visitor;
let home: Page;
beforeAll(async () => {
  stage = await setStage();
  await stage.server.user('alice', { name: 'Alice <Adler>' });
  app = stage.origin(3000);
  await stage.follow('api');
  await stage.follow('web-app');
}, PATIENCE_MS);
afterAll(() => stage.stop());

const HOME = '<a href="/">To the orders</a>';

const open = (path: string) => visitor.app.fetch(`${app}${path}`);

it('every command of docs/tutorials/web-app.md did what the page says', () => {
  expect(stage.program(3000).output()).toContain(`the app listens on ${app}\n`);
});

beforeEach(async () => {
  visitor = newVisitor(stage.server, { origin: app });
  home = await visitor.signIn(await open('/login'));
});

/** How often the server did that. */
async function countOf(type: string, grant_type?: string): Promise<number> {
  const events = (await auditEvents(stage.server)).filter((event) => event.type === type);
  return events.filter(({ details }) => grant_type === undefined || details?.grant_type === grant_type)
    .length;
}

/** The sign-out button of a page of that person. */
const pressSignOut = (page: Page) => {
  const body = new URLSearchParams({ sub: formOf(page, ['sub']).fields.sub ?? '' });
  return visitor.app.fetch(`${app}/logout`, { method: 'POST', body, headers: { origin: app } });
};

const renewed = () => countOf('token.issued', 'refresh_token');

it('shows who signed in and their orders, and gives the browser no token', async () => {
  expect(home.body).toContain('Signed in as Alice &#60;Adler&#62;');
  const after = await visitor.app.submit(home, { item: '<b>tea</b>' });
  expect(after.body).toContain('<li>&#60;b&#62;tea&#60;/b&#62;</li>');
  const seen = JSON.stringify([home, [...home.headers], after, [...visitor.app.cookies]]);
  expect(seen).not.toMatch(/eyJ[\w-]+\./);
  expect([...visitor.app.cookies.keys()]).toEqual(['session']);
});

it('takes no answer that nobody asked for, that another browser asked for, or that came before', async () => {
  const nobody = newVisitor(stage.server, { origin: app });
  const { status, body } = await nobody.app.fetch(`${app}/callback?code=x&state=x`);
  expect([status, body.includes(HOME)]).toEqual([400, true]);
  // Somebody would have me signed in as themselves.
  const stranger = newVisitor(stage.server, { origin: app });
  const begun = await stranger.app.fetch(`${app}/login`);
  const theirs = await passPages(stranger.provider, await stranger.provider.open(begun.location ?? ''));
  const login = await open('/login');
  expect((await visitor.app.fetch(theirs.location ?? '')).status).toBe(400);
  // Mine goes on waiting.
  const mine = await visitor.provider.open(login.location ?? '');
  expect((await visitor.app.fetch(mine.location ?? '')).location).toBe(`${app}/`);
  expect((await visitor.app.fetch(mine.location ?? '')).status).toBe(400);
});

it('remembers the last five sign-ins that were begun', async () => {
  const begun: Page[] = [];
  for (let tab = 0; tab < 6; tab += 1) begun.push(await open('/login'));
  const statuses: number[] = [];
  for (const { location = '' } of begun) {
    const answer = await visitor.provider.open(location);
    statuses.push((await visitor.app.fetch(answer.location ?? '')).status);
  }
  expect(statuses).toEqual([400, 303, 303, 303, 303, 303]);
});

it('begins a session of a new id when somebody signs in', async () => {
  const planted = visitor.app.cookies.get('session');
  await visitor.signIn(await open('/login'));
  expect(visitor.app.cookies.get('session')).not.toBe(planted);
  visitor.app.cookies.set('session', planted ?? '');
  expect((await open('/')).body).not.toContain('Signed in as');
});

it('says so where the person does not allow it', async () => {
  await stage.server.user('bob');
  const bob = newVisitor(stage.server, { origin: app });
  const begun = await bob.app.fetch(`${app}/login`);
  const login = await bob.provider.open(begun.location ?? '');
  const consent = await bob.provider.submit(login, { username: 'bob', password: PASSWORD });
  const { location = '' } = await bob.provider.submit(consent, { decision: 'deny' });
  const { body } = await bob.app.fetch(location);
  expect(body).toContain('You did not allow it.');
  expect(body).toContain(HOME);
});

it('renews its token before it ends, and tabs at once share one renewal', async () => {
  const settings = stage.server.gatehouse.settings as { access_token_seconds: number };
  const { access_token_seconds } = settings;
  settings.access_token_seconds = 30;
  await visitor.signIn(await open('/login'));
  settings.access_token_seconds = access_token_seconds;
  const before = await renewed();
  const pages = await Promise.all(Array.from({ length: 5 }, () => open('/')));
  for (const { body } of pages) expect(body).toContain('<ul>');
  expect((await renewed()) - before).toBe(1);
});

it('renews its token where the API says that it is not good any more', async () => {
  stage.server.clock.advance(360_000);
  await forgetAnswers(stage);
  const before = await renewed();
  expect((await open('/')).body).toContain('<ul>');
  expect((await renewed()) - before).toBe(1);
});

it('signs out whoever signed out at Gatehouse', async () => {
  await stage.run('npx gatehouse session revoke --user alice');
  await forgetAnswers(stage);
  expect((await visitor.app.follow(await open('/'))).body).toContain('<a href="/login">Sign in</a>');
});

it('signs out of both, ends its tokens, and comes back', async () => {
  const cookie = visitor.app.cookies.get('session') ?? '';
  const before = await countOf('token.revoked');
  const leaving = await pressSignOut(home);
  expect((await countOf('token.revoked')) - before).toBe(1);
  const back = await visitor.provider.open(leaving.location ?? '');
  expect(back.location).toBe(`${app}/`);
  visitor.app.cookies.set('session', cookie);
  expect((await open('/')).body).toContain('<a href="/login">Sign in</a>');
  const again = await visitor.provider.open((await open('/login')).location ?? '');
  expect(again.body).toContain('name="password"');
});

it('takes no form from another site', async () => {
  const body = new URLSearchParams({ item: 'a thousand teas' });
  for (const origin of ['https://evil.example.com', 'null']) {
    const posted = await visitor.app.fetch(`${app}/order`, { method: 'POST', body, headers: { origin } });
    expect([posted.status, posted.body.includes(HOME)]).toEqual([403, true]);
  }
  expect((await visitor.app.fetch(`${app}/logout`, { method: 'POST', body })).status).toBe(403);
  expect((await open('/')).body).not.toContain('a thousand teas');
});

it('a page that was left open does nothing for who signed in since, and says so', async () => {
  await stage.server.user('dora');
  const { location = '' } = await open('/login');
  const { provider } = newVisitor(stage.server, { origin: app });
  const answer = await passPages(provider, await provider.open(location), 'dora');
  const doras = await visitor.app.follow(await visitor.app.fetch(answer.location ?? ''));
  const refused = await visitor.app.submit(home, { item: 'tea <for> Alice' });
  expect(refused.body).toContain(
    'Somebody else is signed in now. “tea &#60;for&#62; Alice” was not ordered.',
  );
  expect([refused.status, refused.body.includes(HOME)]).toEqual([409, true]);
  expect((await pressSignOut(home)).status).toBe(409);
  const after = await visitor.app.submit(doras, { item: 'cake' });
  expect(after.body).toContain('<li>cake</li>');
  expect(after.body).not.toContain('Alice');
});

it('leads home from an address where nothing is: that of an order, opened again', async () => {
  const { status, body } = await open('/order');
  expect([status, body.includes(HOME)]).toEqual([404, true]);
});

it('says what cannot be had or ordered while the API or the gateway is away, and keeps what was typed', async () => {
  await stage.program(8081).end();
  const refused = await visitor.app.submit(home, { item: 'tea "for two"' });
  expect(refused.body).toContain('That could not be ordered.');
  expect([refused.status, refused.body.includes(HOME)]).toEqual([502, true]);
  const { body } = await open('/');
  expect(body).toContain('The orders cannot be had now.');
  expect(body).toContain('value="tea &#34;for two&#34;"');
  await stage.program(8080).end();
  const away = await open('/');
  expect([away.status, away.body.includes(HOME)]).toEqual([502, true]);
});
