/** What is left where an operator ends sessions: grants of offline_access outlive them (OpenID Connect Core §11). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WithNotice } from '../../src/admin-commands/verb-output-types.ts';
import { authorize, publicClient } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { runVerb } from '../support/verb.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const run = (noun: string, verb: string, input: object) => runVerb(server, noun, verb, input);

/** Somebody who signed in at two apps; one may go on without them. */
async function signedIn(username: string): Promise<void> {
  await server.user(username);
  for (const scope of ['openid', 'openid offline_access']) {
    const { client } = await publicClient(server);
    await authorize(server, client, { username, more: { scope } });
  }
}

const ways = [
  ['all sessions of a person', async (user: string) => ({ users: [user] })],
  ['one session', async (user: string) => ({ sid: await newestSession(user) })],
] as const;

async function newestSession(user: string): Promise<string> {
  const [session] = (await run('session', 'list', { user })) as { sid: string }[];
  return session?.sid ?? '';
}

it.each(ways)(
  '%s end: the command names the apps that go on, and grant list has those alone',
  async (_way, input) => {
    const user = `alice${ways.findIndex(([, other]) => other === input)}`;
    await signedIn(user);
    for (let left = await newestSession(user); left !== ''; left = await newestSession(user)) {
      const ended = await run('session', 'revoke', await input(user));
      expect(ended instanceof WithNotice && ended.sentence).toContain('gatehouse grant list --user');
    }
    expect(await run('grant', 'list', { user })).toEqual([
      expect.objectContaining({ username: user, scope: expect.stringContaining('offline_access') }),
    ]);
  },
);

it('nothing more is printed for a user whose apps all end with the session', async () => {
  await server.user('bob');
  const { client } = await publicClient(server);
  await authorize(server, client, { username: 'bob', more: { scope: 'openid' } });
  expect(await run('session', 'revoke', { users: ['bob'] })).toMatchObject({ ended: 1 });
  expect(await run('grant', 'list', { user: 'bob' })).toEqual([]);
});
