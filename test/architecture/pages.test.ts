/** Whoever adds a page to the table gets these with it: no stranger's form, and nothing of a person for nobody. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from '../../src/http/pages/index.ts';
import { authorize, publicClient } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';
import { files } from './source-files.ts';

/** Of an app, which sends it from where it is: it changes nothing, and what it asks for is asked of the person. */
const OF_APPS = ['/authorize', '/logout'];

let server: TestServer;
let agent: UserAgent;
beforeAll(async () => {
  server = await startServer();
  await server.user('paula');
  const { client } = await publicClient(server);
  ({ agent } = await authorize(server, client, { username: 'paula' }));
});
afterAll(() => server.stop());

const paths = pages.map(({ path }) => path);
const taking = pages.filter(({ submit }) => submit !== undefined).map(({ path }) => path);

describe('L11 A058 a POST to a page that is not our own form', () => {
  it.each(taking.filter((path) => !OF_APPS.includes(path)))('%s refuses it', async (path) => {
    for (const headers of [{}, { origin: 'https://evil.example' }] as Record<string, string>[]) {
      const body = new URLSearchParams({ all: '1', account: 'another', decision: 'allow' });
      const answer = await agent.fetch(server.issuer + path, { method: 'POST', body, headers });
      expect(answer.status).toBe(403);
    }
    expect((await agent.open(`${server.issuer}/account`)).url).toBe(`${server.issuer}/account`);
  });
});

describe('who may open a page', () => {
  const openTo = (whom: string) => pages.filter((page) => page.openTo === whom).map(({ path }) => path);

  it('everybody: these, which tell nothing about a user whom a request names', () => {
    expect(openTo('everybody').sort()).toEqual([
      '/',
      '/.well-known/change-password',
      '/authorize',
      '/client-logo/:client_id',
      '/favicon.ico',
      '/language',
      '/logout',
      '/signed-out',
    ]);
  });

  it('whoever is in a sign-in or an authorization: these, whose user the session or the interaction names', () => {
    expect(openTo('interaction').sort()).toEqual([
      '/authorize/resume',
      '/consent',
      '/login',
      '/recovery-code',
      '/select-account',
      '/totp',
    ]);
  });

  const signedIn = openTo('session');
  it('a user who is signed in: every page below /account', () => {
    expect(signedIn).toEqual(paths.filter((path) => path.startsWith('/account')));
  });

  it.each(signedIn)('%s is shown to nobody else', async (path) => {
    const stranger = createUserAgent(server.issuer);
    const shown = await stranger.fetch(server.issuer + path);
    expect(new URL(shown.location ?? '').pathname).toBe('/login');
  });
});

const noticing = pages
  .filter(({ openTo }) => openTo === 'session')
  .flatMap(({ path, notices = [] }) => notices.map((notice) => [path, notice] as const));
it.each(noticing)('%s has a text for its notice %s', async (path, notice) => {
  agent.cookies.set(agent.names.notice, notice);
  const { status, body } = await agent.open(server.issuer + path);
  expect([status, body]).toEqual([200, expect.stringMatching(/role="status">[^<]/)]);
});

it('a page reads only the query parameters that its row declares; requests of apps are read as pairs', () => {
  const readers = files.filter(
    ({ path, text }) => path.startsWith('http/pages/') && /\bqueryPairs\(/.test(text),
  );
  expect(readers.map(({ path }) => path).sort()).toEqual([
    'http/pages/authorize-and-resume.ts',
    'http/pages/declared-query-parameters.ts',
    'http/pages/logout.ts',
    'http/pages/signed-out.ts',
  ]);
});
