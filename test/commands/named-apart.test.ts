/** What is named twice, or not at all, is refused: nothing of it is done, and nobody believes that it was. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { runVerb } from '../support/verb.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const run = (noun: string, verb: string, input: object) => runVerb(server, noun, verb, input);

async function eventsOf(user: string): Promise<string[]> {
  await server.gatehouse.audit.flush();
  const value = await run('audit-event', 'list', { user });
  return value.map(({ type }: { readonly type: string }) => type);
}

it('groups that are named beside --clear-groups stay as they are, and roles beside --clear-roles', async () => {
  await run('group', 'create', { group: 'ops' });
  await run('user', 'create', { username: 'joe', groups: ['ops'], roles: ['admin'] });
  for (const both of [
    { clear_groups: true, groups: ['ops'] },
    { clear_roles: true, roles: ['admin'] },
  ]) {
    const refused = await run('user', 'update', { user: 'joe', ...both });
    expect(refused).toMatchObject({ error: 'usage', reason: 'named_and_cleared' });
  }
  expect(await run('user', 'get', { user: 'joe' })).toMatchObject({ groups: ['ops'], roles: ['admin'] });
  const other = { user: 'joe', clear_groups: true, roles: ['guard'] };
  expect(await run('user', 'update', other)).toMatchObject({ groups: [], roles: ['guard'] });
});

it('an update of a person that names nothing is refused', async () => {
  const { value } = await run('user', 'create', { username: 'ann' });
  server.clock.advance(1000);
  expect(await run('user', 'update', { user: 'ann' })).toMatchObject({
    error: 'usage',
    reason: 'nothing_named',
  });
  expect(await run('user', 'get', { user: 'ann' })).toEqual(value);
});

it('the audit has no change of a person where groups or roles alone are changed', async () => {
  const { sub } = await run('user', 'create', { username: 'bea' });
  await run('user', 'update', { user: 'bea', roles: ['guard'] });
  expect(await eventsOf(sub)).toEqual(expect.not.arrayContaining(['user.updated']));
  expect(await eventsOf(sub)).toContain('role.added');
  await run('user', 'update', { user: 'bea', email: 'bea@example.com' });
  expect(await eventsOf(sub)).toContain('user.updated');
});

it('a grant that is named beside a person or a client stays: it may be another’s', async () => {
  for (const beside of [{ user: 'joe' }, { client: 'app' }, { user: 'joe', client: 'app' }]) {
    const refused = await run('grant', 'revoke', { grant_id: 'one', ...beside });
    expect(refused).toMatchObject({ error: 'usage', reason: 'missing_grant' });
  }
});
