/** Two servers of one host: a browser sends the cookies of each to both. RFC 6265 §8.5 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import type { UserAgent } from '../support/user-agent.ts';
import { visitTo } from './pages/visit.ts';

let one: TestServer;
let other: TestServer;
beforeAll(async () => {
  one = await startServer();
  other = await startServer({ path: '/tenant' });
  await one.user('alice');
  await other.user('bob');
});
afterAll(async () => {
  await one.stop();
  await other.stop();
});

/** As a browser has one jar for all ports of a host. */
function share(from: UserAgent, to: UserAgent): void {
  for (const [name, value] of from.cookies) to.cookies.set(name, value);
}

test('L10 signing in and out at one of two instances on a host does not affect the other', async () => {
  const atOne = await visitTo(one).signIn('alice');
  const atOther = visitTo(other).newAgent();
  share(atOne, atOther);
  const login = await atOther.open(`${other.issuer}/login`);
  await atOther.submit(login, { username: 'bob', password: PASSWORD });
  share(atOther, atOne);
  expect((await atOne.open(`${one.issuer}/account`)).body).toContain('alice');
  expect((await atOther.open(`${other.issuer}/account`)).body).toContain('bob');
  await atOther.submit(await atOther.open(`${other.issuer}/logout`), {});
  share(atOther, atOne);
  expect((await atOne.open(`${one.issuer}/account`)).body).toContain('alice');
});
