/** What an operator changed of a person and of an app, as an auditor asks for it afterwards. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGroup } from '../../src/identity/groups-and-roles.ts';
import { createUser, updateUser } from '../../src/identity/users/users.ts';
import { isRefusal } from '../../src/lib/outcome.ts';
import { updateClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { auditEvents, confidentialClient } from '../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  for (const name of ['admins', 'staff']) await createGroup(server.gatehouse, name, undefined);
});
afterAll(() => server.stop());

const about = async (member: 'sub' | 'client_id', value: string) =>
  (await auditEvents(server))
    .filter((event) => event[member] === value)
    .map(({ type, details }) => [type, details]);

it('adding a user to a group or role, and removing one, is an event, whichever command does it', async () => {
  const mallory = await createUser(server.gatehouse, {
    username: 'mallory',
    groups: ['admins'],
    roles: ['root'],
  });
  if (isRefusal(mallory)) throw new Error(mallory.reason);
  const { sub } = mallory;
  await updateUser(server.gatehouse, sub, {
    groups: ['admins', 'staff'],
    roles: ['editor'],
    email: 'm@example.com',
  });
  await updateUser(server.gatehouse, sub, { groups: [] });
  const told = (await about('sub', sub)).map((one) => JSON.stringify(one)).sort();
  expect(told).toEqual(
    [
      ['user.created', undefined],
      ['group.member_added', { group: 'admins' }],
      ['role.added', { role: 'root' }],
      ['user.updated', { changed: 'email' }],
      ['group.member_added', { group: 'staff' }],
      ['role.added', { role: 'editor' }],
      ['role.removed', { role: 'root' }],
      ['group.member_removed', { group: 'admins' }],
      ['group.member_removed', { group: 'staff' }],
    ]
      .map((one) => JSON.stringify(one))
      .sort(),
  );
});

it('the event of a client update names the changed members and the redirect URIs that hold from then on', async () => {
  const { client_id } = (await confidentialClient(server)).client;
  const redirect_uris = ['https://app.example.com/cb', 'https://other.example.com/cb'];
  await updateClient(server.gatehouse, grantTypes, client_id, { redirect_uris, client_name: 'Another' });
  await updateClient(server.gatehouse, grantTypes, client_id, { profile: 'oauth2.1' });
  const details = (await about('client_id', client_id))
    .filter(([type]) => type === 'client.updated')
    .map(([, said]) => said);
  expect(details).toContainEqual({
    changed: 'client_name redirect_uris',
    redirect_uris: redirect_uris.join(' '),
  });
  expect(details).toContainEqual({ changed: expect.stringContaining('profile') });
});
