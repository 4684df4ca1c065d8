/** What an operator says of a client, and what is told of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientNoun } from '../../src/admin-commands/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const redirect_uris = ['https://app.example.com/cb'];

let server: TestServer;
let made = 0;
beforeAll(async () => {
  const GATEHOUSE_SCOPES = JSON.stringify({ 'orders:read': 'Read your orders' });
  server = await startServer({ environment: { GATEHOUSE_SCOPES } });
});
afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: what is printed is looked at member by member
async function client(name: string, input: object, of = server): Promise<any> {
  const verb = clientNoun.verbs.find((candidate) => candidate.name === name);
  if (name === 'create') made += 1;
  const named = name === 'create' ? { client_name: `App ${made}`, ...input } : input;
  return verb?.run({ ...of.gatehouse, operator: 'os:test' }, verb.input.parse(named));
}

it('a misspelt scope is refused with the one that was meant; one of its own is taken', async () => {
  const meant = {
    'openid profle': 'profile',
    'opneid email': 'openid',
    'openid emial': 'email',
    'openid offline-access': 'offline_access',
    OpenID: 'openid',
    'openid order:read': 'orders:read',
  };
  for (const [scope, word] of Object.entries(meant)) {
    const refused = await client('create', { redirect_uris, scope });
    expect(refused, scope).toMatchObject({ error: 'usage', reason: 'misspelt_scope' });
    expect(refused.description).toContain(`did you mean ${word}?`);
  }
  const { client_id } = await client('create', { redirect_uris, scope: 'openid' });
  expect(await client('update', { client_id, scope: 'openid phon' })).toMatchObject({
    reason: 'misspelt_scope',
  });
  for (const scope of ['openid photo', 'read write', 'mails', 'api', 'orders:read', 'photos.open'])
    expect((await client('create', { redirect_uris, scope })).scope, scope).toBe(scope);
});

it('fapi2 is refused until it is whole, but where a conformance run asks for it', async () => {
  const fapi2 = {
    profile: 'fapi2',
    redirect_uris,
    token_endpoint_auth_method: 'private_key_jwt',
    metadata: { jwks_uri: 'https://app.example.com/jwks' },
  };
  const refused = await client('create', fapi2);
  expect(refused).toMatchObject({ reason: 'profile_not_whole' });
  expect(refused.description).toContain('write one of oauth2.1, oidc');
  const { client_id } = await client('create', { ...fapi2, profile: 'oauth2.1' });
  expect(await client('update', { client_id, profile: 'fapi2' })).toMatchObject({
    reason: 'profile_not_whole',
  });
  expect(await client('create', { ...fapi2, profile: 'fapi' })).toMatchObject({ reason: 'unknown_profile' });
  const conformance = await startServer({ environment: { GATEHOUSE_UNFINISHED_PROFILES: 'true' } });
  expect((await client('create', fapi2, conformance)).profile).toBe('fapi2');
  await conformance.stop();
});

it('client get shows how many secrets are valid, and until when', async () => {
  const { client_id } = await client('create', { redirect_uris });
  expect((await client('get', { client_id })).client_secrets).toMatchObject([{ expires_at: null }]);
  await client('rotate-secret', { client_id, keep_old_seconds: 3600 });
  const [old, current] = (await client('get', { client_id })).client_secrets;
  const inSeconds = (Date.parse(old.expires_at) - server.clock.nowMs()) / 1000;
  expect([Math.abs(inSeconds - 3600) < 60, current.expires_at]).toEqual([true, null]);
  server.clock.advance(3_600_000);
  expect((await client('get', { client_id })).client_secrets).toMatchObject([{ expires_at: null }]);
  const open = await client('create', { redirect_uris, token_endpoint_auth_method: 'none' });
  expect(await client('get', { client_id: open.client_id })).not.toHaveProperty('client_secrets');
});

it('a misspelt member is refused with the one that was meant; what was printed, and others’, may be given', async () => {
  const meant = {
    require_pkc: 'require_pkce',
    requirepkce: 'require_pkce',
  };
  const { client_id, ...made } = await client('create', { redirect_uris });
  for (const [member, word] of Object.entries(meant)) {
    const metadata = { [member]: 'x' };
    for (const refused of [
      await client('create', { redirect_uris, metadata }),
      await client('update', { client_id, metadata }),
    ]) {
      expect(refused, member).toMatchObject({ error: 'usage', reason: 'unknown_member' });
      expect(refused.description).toContain(`did you mean ${word}?`);
    }
  }
  expect(await client('create', { metadata: { redirect_uri: redirect_uris[0] } })).toMatchObject({
    reason: 'unknown_member',
  });
  const { client_secret: _, ...printed } = await client('get', { client_id });
  // RFC 7591 §2: what is not understood is ignored, as is what stands beside the member that it looks like.
  const others = {
    request_object_signing_alg: 'PS256',
    software_flavour: 'x',
    redirect_uri: redirect_uris[0],
  };
  const metadata = { ...made, ...printed, ...others, 'client_name#de': 'Die App' };
  expect(await client('update', { client_id, metadata })).toMatchObject({ client_id });
});

it('an update that names nothing is refused', async () => {
  const { client_id } = await client('create', { redirect_uris });
  expect(await client('update', { client_id })).toMatchObject({ error: 'usage', reason: 'nothing_named' });
});

it('an initial access token that no app can use is printed with the setting to change', async () => {
  const said = await client('initial-access-token', {});
  expect(said.sentence).toContain('write registration: token');
  expect(said.value.initial_access_token).toEqual(expect.any(String));
});
