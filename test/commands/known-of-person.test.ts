/** docs/how-to/personal-data.md: all that is known of a person is shown, what is over too. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorize, publicClient } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { runVerb } from '../support/verb.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const run = (noun: string, verb: string, input: object) => runVerb(server, noun, verb, input);

it('consents, and sessions that are over, are listed although grants and sessions have ended', async () => {
  await server.user('alice');
  await server.user('bob');
  const { client } = await publicClient(server);
  await authorize(server, client, { username: 'alice' });
  await run('session', 'revoke', { users: ['alice'] });
  await run('grant', 'revoke', {
    grant_id: (await run('grant', 'list', { user: 'alice' }))[0]?.grant_id ?? 'gone',
  });
  expect(await run('session', 'list', { user: 'alice' })).toEqual([]);
  expect(await run('session', 'list', { user: 'alice', ended: true })).toEqual([
    expect.objectContaining({ username: 'alice', address: '127.0.0.1' }),
  ]);
  expect(await run('consent', 'list', { user: 'alice' })).toEqual([
    expect.objectContaining({
      username: 'alice',
      client_id: client.client_id,
      scope: expect.stringContaining('openid'),
    }),
  ]);
  for (const [noun, input] of [
    ['consent', {}],
    ['session', { ended: true }],
  ] as const)
    expect(await run(noun, 'list', { user: 'bob', ...input })).toEqual([]);
});

it('--ended without a person, and a person who is not there, are refused', async () => {
  expect(await run('session', 'list', { ended: true })).toMatchObject({
    error: 'usage',
    reason: 'missing_user',
  });
  expect(await run('consent', 'list', { user: 'nobody' })).toMatchObject({ error: 'not_found' });
});
