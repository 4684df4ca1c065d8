/** Lists on the account pages, of somebody with a past: in parts, by plain links. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import { listApps } from '../../../src/oauth/page-models/authorized-apps.ts';
import { putConsent } from '../../../src/storage/tables/consents.ts';
import { countedDatabase } from '../../support/counted.ts';
import { publicClient, type Registered } from '../../support/flow.ts';
import { storePast } from '../../support/past.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import type { Page, UserAgent } from '../../support/user-agent.ts';
import { type Visit, visitTo } from './visit.ts';

const SHOWN = 50;
const APPS = 120;
let server: TestServer;
let visit: Visit;
let agent: UserAgent;
let sub: string;
let sids: string[];
let apps: string[];

beforeAll(async () => {
  server = await startServer();
  visit = visitTo(server);
  ({ sub } = await server.user());
  apps = [];
  for (let count = 0; count < APPS; count += 1) {
    const { client }: Registered = await publicClient(server, { client_name: `App number ${count}` });
    apps.push(client.client_id);
  }
  sids = await storePast(server.gatehouse, { sub, clientIds: apps.slice(0, 60), sessions: 119, grants: 3 });
  agent = await visit.signIn();
  const nowMs = server.clock.nowMs();
  const nothing = { access: '{"scope":["openid"]}', created_at: nowMs, updated_at: nowMs };
  await server.gatehouse.db.write(async (tx) => {
    for (const client_id of apps.slice(55)) await putConsent(tx, { sub, client_id, ...nothing });
  });
}, 120_000);
afterAll(() => server.stop());

const cards = ({ body }: Page) => body.split(/<li>\n/).length - 1;
const nextOf = ({ body }: Page) => /<a href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&');

/** Every page from the first on, by its links. */
async function walk(path: string): Promise<Page[]> {
  const pages = [await agent.open(visit.at(path))];
  for (;;) {
    const next = nextOf(pages.at(-1) as Page);
    if (next === undefined || pages.length > 9) return pages;
    pages.push(await agent.open(visit.at(next)));
  }
}

test('sessions are listed fifty at a time, each once, and the one in use first', async () => {
  const pages = await walk('/account/sessions');
  expect(pages.map(cards)).toEqual([SHOWN, SHOWN, 20]);
  const shown = pages.flatMap(({ body }) =>
    [...body.matchAll(/name="sid" value="([^"]+)"/g)].map(([, sid = '']) => sid),
  );
  expect(new Set(shown).size).toBe(120);
  expect(sids.every((sid) => shown.includes(sid))).toBe(true);
  expect(pages[0]?.body.split('<li>')[1]).toContain('class="badge"');
  expect(pages[1]?.body).toContain('rel="first"');
});

test('a session of a later page can be ended', async () => {
  const [, second] = await walk('/account/sessions');
  const sid = /name="sid" value="([^"]+)"/.exec(second?.body ?? '')?.[1] ?? '';
  const own = { ...(second as Page), body: (second?.body ?? '').slice((second?.body ?? '').indexOf('<li>')) };
  const after = await agent.submit(own, { sid });
  expect(after.body).toContain('The session was ended');
  expect((await walk('/account/sessions')).some(({ body }) => body.includes(sid))).toBe(false);
});

test('apps are listed fifty at a time, each once, whether by a consent or by a grant', async () => {
  const pages = await walk('/account/apps');
  expect(pages.map(cards)).toEqual([SHOWN, SHOWN, 20]);
  const shown = pages.flatMap(({ body }) =>
    [...body.matchAll(/name="client_id" value="([^"]+)"/g)].map(([, id = '']) => id),
  );
  expect(shown.toSorted()).toEqual(apps.toSorted());
});

test('of apps without a live grant, no more rows are read than a page shows', async () => {
  const { gatehouse } = server;
  const user = await server.user('bob');
  const dead = apps.slice(0, 70).toSorted();
  await storePast(gatehouse, { sub: user.sub, clientIds: dead, sessions: 1, grants: 2 });
  await gatehouse.db.write(async (tx) => {
    await tx.run(
      'UPDATE grants SET revoked_at = 1 WHERE sub = $1 AND client_id <> $2',
      user.sub,
      dead[69] ?? '',
    );
  });
  const { db, count } = countedDatabase(gatehouse.db);
  const session = { sub: user.sub } as Session;
  const page = await listApps({ ...gatehouse, db }, session, { after: '', limit: SHOWN });
  expect(page).toEqual({ apps: [], next: dead[49] });
  expect(count.statements).toBeLessThan(2 * SHOWN + 10);

  const theirs = await visit.signIn('bob');
  const first = await theirs.open(visit.at('/account/apps'));
  expect([cards(first), first.body.includes('No app on this page')]).toEqual([0, true]);
  const last = await theirs.open(visit.at(nextOf(first) ?? ''));
  expect([cards(last), last.body.includes('No app'), nextOf(last)]).toEqual([1, false, undefined]);
});

test.each(['/account/sessions', '/account/apps'])(
  'an action on a later page of %s leads back to it',
  async (path) => {
    const [, second] = await walk(path);
    const { url = '', body = '' } = second ?? {};
    const after = await agent.submit({ ...(second as Page), body: body.slice(body.indexOf('<li>')) }, {});
    expect(url).toContain('?after=');
    expect(after.url).toBe(url);
    expect(after.body).toContain('role="status"');
    expect(after.url).not.toBe((await walk(path))[0]?.url);
  },
);

test('another language shows the same page of the list', async () => {
  const [, second] = await walk('/account/sessions');
  const link = /href="([^"]*language\?lang=de[^"]*)"/.exec(second?.body ?? '')?.[1]?.replaceAll('&amp;', '&');
  const german = await agent.open(visit.at(link ?? ''));
  expect(german.body).toContain('Zurück zur ersten Seite');
  expect(german.url).toBe(second?.url);
  await agent.open(visit.at('/language?lang=en&back=%2Faccount'));
});

test.each(['x', '1.', `9${'9'.repeat(40)}.a`, '1.%F0%9F%98%80'])(
  'an invalid place (%s) shows the first page',
  async (place) => {
    const page = await agent.open(visit.at(`/account/sessions?after=${place}`));
    expect([page.status, cards(page)]).toEqual([200, SHOWN]);
    expect((await agent.open(visit.at(`/account/apps?after=${place}`))).status).toBe(200);
  },
);
