/** A HEAD request asks what a GET would answer, and nothing happens: mail scanners and link previews send them. RFC 9110 §9.2.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listLiveGrants } from '../../src/storage/tables/live-grants.ts';
import { authorize, authorizeUrl, confidentialClient, newPkce, requestOf } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

it('issues no code where a GET would, and stores no sign-in', async () => {
  const app = await confidentialClient(server);
  const { agent } = await authorize(server, app.client);
  const { db, clock } = server.gatehouse;
  const counted = async () => ({
    grants: (await listLiveGrants(db, clock.nowMs(), { limit: 100 })).length,
    interactions: (await db.get<{ n: number }>('SELECT count(*) AS n FROM interactions'))?.n,
  });
  const before = await counted();
  const url = authorizeUrl(server, requestOf(app.client, newPkce()));
  for (const cookie of [[...agent.cookies].map((pair) => pair.join('=')).join('; '), '']) {
    const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', headers: { cookie } });
    expect([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')]).toEqual([
      200,
      null,
      'no-store',
    ]);
  }
  expect(await counted()).toEqual(before);
  expect((await agent.open(url)).location).toContain('code=');
});
