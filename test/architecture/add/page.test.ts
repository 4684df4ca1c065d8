/** A page: what follows by itself when its row is added. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { languages } from '../../../src/config/built-in-page-languages.ts';
import { createRenderer } from '../../../src/http/page-renderer.ts';
import { ofOwnForm } from '../../../src/http/pages/accept-own-form-or-any-post.ts';
import { signedInPage } from '../../../src/http/pages/account/make-signed-in-page.ts';
import { ownQuery } from '../../../src/http/pages/declared-query-parameters.ts';
import { pages } from '../../../src/http/pages/index.ts';
import { takeNotice } from '../../../src/http/pages/notice-cookie.ts';
import type { Page } from '../../../src/http/pages/page.ts';
import { showForm } from '../../../src/http/pages/show-page-or-form.ts';
import { openToEverybody, pageOfInteraction } from '../../../src/http/pages/who-may-open-page.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';
import { viewsWith } from '../../support/views.ts';

const toyPage = openToEverybody({
  path: '/toy',
  query: ['colour'],
  show: async (tools, request, reply) =>
    showForm(tools, request, reply, {
      view: 'signed-out',
      purpose: 'toy',
      data: {
        frames: [],
        hasOtherSessions: false,
        fault: { description: Object.keys(ownQuery(tools, request)).join() },
      },
    }),
  submit: ofOwnForm({ purpose: () => 'toy', submit: async ({ reply }) => reply.send('played') }),
});

const ownPage = signedInPage('/account/own/toy', {
  linkedAs: 'account.switch',
  notices: ['toyed'],
  show: async ({ tools, request, reply }) => reply.send(takeNotice(tools, request, reply) ?? 'own'),
});
const openPage = openToEverybody({
  path: '/account/open',
  show: async (_tools, _request, reply) => reply.send('open'),
});
const interactionPage = pageOfInteraction({
  path: '/toy-interaction',
  query: ['colour'],
  show: async (tools, request, reply) => reply.send(Object.keys(ownQuery(tools, request)).join()),
  form: { purpose: () => 'toy', submit: async ({ reply }) => reply.send('played') },
});

let server: TestServer;
beforeAll(async () => {
  (pages as Page[]).push(toyPage, ownPage, openPage, interactionPage);
  server = await startServer();
});
afterAll(() => server.stop());

it('a page: headers, 405 and the check of its form follow', async () => {
  const ask = (method: string) => fetch(`${server.issuer}/toy`, { method });
  const { headers } = await ask('GET');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect([headers.get('cache-control'), headers.get('content-language')]).toEqual(['no-store', 'en']);
  const put = await ask('PUT');
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD']);
  const foreign = await ask('POST');
  expect([foreign.status, await foreign.text()]).toEqual([403, expect.stringContaining('<h1>')]);
});

it('a page: it reads the query parameters that it declares, and keeps them when the language changes', async () => {
  const answer = await fetch(`${server.issuer}/toy?colour=red&size=large`);
  const text = await answer.text();
  expect(text).toContain(encodeURIComponent('/toy?colour=red'));
  expect(text).toContain('>colour</bdi>');
  expect(text).not.toContain('large');
});

it('a page of an interaction: it reads what such pages carry, and its POST is its own form', async () => {
  const at = `${server.issuer}/toy-interaction`;
  const carried = new URLSearchParams({
    interaction: 'a',
    client_id: 'b',
    onward: 'c',
    colour: 'red',
    size: 'd',
  });
  expect(await (await fetch(`${at}?${carried}`)).text()).toBe('interaction,client_id,onward,colour');
  expect((await fetch(at, { method: 'POST' })).status).toBe(403);
});

it('a page for who is signed in: the sign-in leads back to it, and to no other path', async () => {
  await server.user();
  const signIn = async (path: string) => {
    const agent = createUserAgent(server.issuer);
    const login = await agent.open(server.issuer + path);
    expect(new URL(login.url).pathname).toBe('/login');
    const end = await agent.submit(login, { username: 'alice', password: PASSWORD });
    return new URL(end.url).pathname;
  };
  expect(await signIn('/account/own/toy')).toBe('/account/own/toy');
  for (const onward of ['open', 'own', 'own/toy/', '../toy', 'own/toy?a=b'])
    expect(await signIn(`/login?onward=${encodeURIComponent(onward)}`), onward).toBe('/account');
});

it('a page for who is signed in: the first page links to it, and it shows the notices that it declares', async () => {
  await server.user('bea');
  const agent = createUserAgent(server.issuer);
  const login = await agent.open(`${server.issuer}/login`);
  const { body } = await agent.submit(login, { username: 'bea', password: PASSWORD });
  expect(body).toMatch(
    /account\/apps">.*\n<li><a href="\/account\/own\/toy">Switch account<\/a><\/li>\n<li>/,
  );
  const see = async (notice: string) => {
    agent.cookies.set(agent.names.notice, notice);
    return (await agent.open(`${server.issuer}/account/own/toy`)).body;
  };
  expect(await see('revoked')).toBe('own');
  expect(await see('toyed')).toBe('toyed');
  expect((await agent.open(`${server.issuer}/account/own/toy`)).body).toBe('own');
});

it('a view: English texts are enough for every language', () => {
  const views = viewsWith('toy', "<h1><%= it.t('toy.heading') %></h1>", { heading: 'Toys' });
  const renderer = createRenderer({ basePath: '', issuer: server.issuer }, views);
  for (const language of languages) expect(renderer.page('toy', {}, language)).toContain('Toys');
});
