import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Chosen } from '../../../src/oauth/clients/chosen-client-id-and-secret.ts';
import { createClient, updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { insertClient } from '../../../src/storage/tables/clients.ts';
import { replaceResources } from '../../../src/storage/tables/resources.ts';
import { post } from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function reasonOf(metadata: object, chosen: Chosen = {}): Promise<string> {
  const input = { client_name: 'Test app', grant_types: ['client_credentials'], ...metadata };
  const outcome = await createClient(server.gatehouse, grantTypes, input, chosen);
  return 'refused' in outcome ? outcome.reason : 'accepted';
}

it("Q12 a client_id cannot be a user's sub, nor another client's", async () => {
  const { sub } = await server.user();
  expect(await reasonOf({}, { client_id: sub })).toBe('client_id_taken');
  expect(await reasonOf({}, { client_id: 'mine' })).toBe('accepted');
  expect(await reasonOf({}, { client_id: 'mine' })).toBe('client_id_taken');
  expect(await reasonOf({}, { client_id: 'no spaces' })).toBe('malformed_client_id');
});

it('G8 a chosen secret that is easy to guess is refused', async () => {
  expect(await reasonOf({}, { client_secret: 'secret' })).toBe('short_client_secret');
  expect(await reasonOf({}, { client_secret: 's'.repeat(22) })).toBe('accepted');
  for (const end of ['\n', '\r\n', '\0'])
    expect(await reasonOf({}, { client_secret: 's'.repeat(22) + end })).toBe('malformed_client_secret');
});

it('a resource has one resource server', async () => {
  expect(await reasonOf({ resources: ['https://api.test'] })).toBe('accepted');
  expect(await reasonOf({ resources: ['https://api.test'] })).toBe('resource_taken');
  for (const uri of ['not a uri', 'https://api.test/ü', `https://api.test/${'a'.repeat(2000)}`])
    expect(await reasonOf({ resources: [uri] })).toBe('malformed_resource');
});

it('Z25 https://host and https://host/ are one resource, and the issuer is none', async () => {
  expect(await reasonOf({ resources: ['https://slash.test/'] })).toBe('accepted');
  expect(await reasonOf({ resources: ['https://slash.test'] })).toBe('resource_taken');
  expect(await reasonOf({ resources: ['https://slash.test/api'] })).toBe('accepted');
  expect(await reasonOf({ resources: ['https://slash.test/api/'] })).toBe('accepted');
  expect(await reasonOf({ resources: ['https://both.test', 'https://both.test/'] })).toBe('accepted');
  for (const resource of [server.issuer, `${server.issuer}/`])
    expect(await reasonOf({ resources: [resource] })).toBe('issuer_as_resource');
});

it('RFC 9068 §5 no resource equals a client_id, whichever is there first', async () => {
  // As a client_id that is a URL will be stored; none can be chosen now.
  const times = { created_at: 1, updated_at: 1, disabled_at: null, registration_token: null, used_at: null };
  await server.gatehouse.db.write((tx) =>
    insertClient(tx, { client_id: 'https://client.test/', profile: 'oidc', metadata: '{}', ...times }),
  );
  for (const resource of ['https://client.test/', 'https://client.test'])
    expect(await reasonOf({ resources: [resource] })).toBe('client_id_as_resource');
  expect(await reasonOf({}, { client_id: 'https://client.test' })).toBe('malformed_client_id');
  await server.gatehouse.db.write((tx) => replaceResources(tx, 'https://client.test/', ['stored-before']));
  expect(await reasonOf({}, { client_id: 'stored-before' })).toBe('client_id_as_resource');
});

it('default_resource is one that is registered, or the client’s own', async () => {
  expect(await reasonOf({ default_resource: 'https://later.test' })).toBe('unregistered_default_resource');
  expect(await reasonOf({ resources: ['https://later.test'] })).toBe('accepted');
  expect(await reasonOf({ default_resource: 'https://later.test/' })).toBe('accepted');
  expect(await reasonOf({ resources: ['https://own.test'], default_resource: 'https://own.test' })).toBe(
    'accepted',
  );
});

it('an update is held to the rules again, and a client stays confidential or public', async () => {
  const { client } = await server.client({ redirect_uris: ['https://a.test/cb'] });
  const update = async (changes: Record<string, unknown>) => {
    const outcome = await updateClient(server.gatehouse, grantTypes, client.client_id, changes);
    return 'refused' in outcome ? outcome.reason : 'accepted';
  };
  expect(await update({ redirect_uris: ['https://a.test/*'] })).toBe('refused_redirect_uri');
  expect(await update({ token_endpoint_auth_method: 'none' })).toBe('type_change');
  expect(await update({ client_name: 'Renamed' })).toBe('accepted');
});

it('a client that changes to keys and back has a new secret: the old one is not valid again', async () => {
  const { client, client_secret } = await server.client({ grant_types: ['client_credentials'] });
  const { client_id } = client;
  const update = async (changes: Record<string, unknown>) => {
    const outcome = await updateClient(server.gatehouse, grantTypes, client_id, changes);
    if ('refused' in outcome) throw new Error(outcome.description);
    return outcome.client_secret;
  };
  const statusWith = async (secret = '') =>
    (await post(server, '/token', { grant_type: 'client_credentials', client_id, client_secret: secret }))
      .status;
  expect(await update({ token_endpoint_auth_method: 'client_secret_post' })).toBeUndefined();
  expect(await statusWith(client_secret)).toBe(200);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one' }] };
  await update({ token_endpoint_auth_method: 'private_key_jwt', jwks });
  const another = await update({ token_endpoint_auth_method: 'client_secret_post' });
  expect([await statusWith(client_secret), await statusWith(another)]).toEqual([401, 200]);
});

it('of updates at the same time none takes back what another changed', async () => {
  const { client } = await server.client({ redirect_uris: ['https://a.test/cb'] });
  const changes = [
    { client_name: 'Renamed' },
    { redirect_uris: ['https://b.test/cb'] },
    { scope: 'openid email' },
    { client_uri: 'https://a.test/' },
  ];
  await Promise.all(
    changes.map((change) => updateClient(server.gatehouse, grantTypes, client.client_id, change)),
  );
  const after = await server.gatehouse.clients.find(client.client_id);
  expect(after?.metadata).toMatchObject(Object.assign({}, ...changes));
});

it('only the hash of a secret is stored', async () => {
  const { client_secret } = await server.client({ grant_types: ['client_credentials'] });
  const rows = await server.gatehouse.db.all('SELECT * FROM client_secrets');
  expect(JSON.stringify(rows)).not.toContain(client_secret);
});
