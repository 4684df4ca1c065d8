/** Which claims come where: by scope, by the operator's settings, by groups and roles. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGroup } from '../../../src/identity/groups-and-roles.ts';
import { updateUser } from '../../../src/identity/users/users.ts';
import {
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  post,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

const everything = {
  name: 'Alice Adams',
  given_name: 'Alice',
  family_name: 'Adams',
  middle_name: 'A.',
  nickname: 'Al',
  preferred_username: 'alice.adams',
  profile: 'https://example.com/alice',
  picture: 'https://example.com/alice.png',
  website: 'https://alice.example.com',
  gender: 'female',
  birthdate: '1980-02-03',
  zoneinfo: 'Europe/Vienna',
  locale: 'de-AT',
  updated_at: 1_700_000_000,
  email_verified: true,
  address: { formatted: 'Gate 1\n8010 Graz', street_address: 'Gate 1', locality: 'Graz', country: 'Austria' },
  phone_number: '+43 316 1',
  phone_number_verified: false,
};

let server: TestServer;
let sub: string;
beforeAll(async () => {
  server = await startServer({
    environment: {
      GATEHOUSE_SCOPES: JSON.stringify({
        reports: 'Read your reports',
        staff: { sentence: 'See your department', claims: ['department', 'cost', 'memberOf', 'login'] },
        email: { claims: ['email', 'mail_ok'] },
      }),
      GATEHOUSE_CLAIMS: JSON.stringify({
        department: { in: ['userinfo'] },
        cost: { from: 'attribute costCentre', in: ['id_token', 'access_token'] },
        memberOf: { from: 'groups', in: ['access_token'] },
        login: { from: 'attribute preferred_username' },
        mail_ok: { from: 'attribute email_verified' },
        email: { in: ['id_token', 'userinfo'] },
        email_verified: { in: ['userinfo'] },
      }),
    },
  });
  const user = await server.user('alice', { ...everything, department: 'Gates', costCentre: 4711 });
  sub = user.sub;
  for (const group of ['staff', 'porters']) await createGroup(server.gatehouse, group, undefined);
  await updateUser(server.gatehouse, sub, { groups: ['staff', 'PORTERS'], roles: ['admin'] });
});
afterAll(() => server.stop());

const registered = 'openid profile email address phone groups roles staff reports offline_access';

async function signIn(scope: string, more: Record<string, string> = {}) {
  const client = await confidentialClient(server, { scope: registered });
  const { body } = await redeem(
    server,
    client,
    await authorize(server, client.client, { more: { scope, ...more } }),
  );
  return {
    client,
    body,
    idToken: decodeJwt(body.id_token),
    accessToken: decodeJwt(body.access_token),
    userinfo: (await userinfo(server, body.access_token)).body,
  };
}

const PROTOCOL = ['acr', 'iss', 'sub', 'aud', 'iat', 'exp', 'auth_time', 'amr', 'at_hash', 'sid'].sort();

it('OpenID Connect Core §5.1 §5.4 all standard claims come from userinfo in their JSON types', async () => {
  const { userinfo: claims } = await signIn('openid profile email address phone');
  expect(claims).toEqual({ ...everything, email: 'alice@example.com', mail_ok: true, sub });
});

it('W4 openid alone gives the sub and no claim that was not asked for', async () => {
  const { idToken, userinfo: claims, accessToken } = await signIn('openid');
  expect(claims).toEqual({ sub });
  expect(Object.keys(idToken).sort()).toEqual(PROTOCOL);
  expect(idToken.sub).toBe(sub);
  expect(accessToken).not.toHaveProperty('groups');
});

it('OpenID Connect Core §2 one audience: no azp', async () => {
  const { idToken, client } = await signIn('openid');
  expect(idToken.aud).toBe(client.client.client_id);
  expect(idToken).not.toHaveProperty('azp');
});

it('groups and roles are in the ID token and at userinfo, in the groups’ own spelling', async () => {
  const { idToken, userinfo: claims, accessToken } = await signIn('openid groups roles');
  const expected = { groups: ['porters', 'staff'], roles: ['admin'] };
  expect(idToken).toMatchObject(expected);
  expect(claims).toMatchObject(expected);
  expect(accessToken).not.toHaveProperty('groups');
});

it('who is in no group has an empty list', async () => {
  await server.user('berta');
  const client = await confidentialClient(server, { scope: 'openid groups' });
  const authorized = await authorize(server, client.client, {
    more: { scope: 'openid groups' },
    username: 'berta',
  });
  const { id_token } = (await redeem(server, client, authorized)).body;
  expect(decodeJwt(id_token).groups).toEqual([]);
});

it('the operator’s claims come from attributes and groups, each where the settings put it', async () => {
  const { client, body, idToken, userinfo: claims, accessToken } = await signIn('openid staff');
  expect(claims).toEqual({ sub, department: 'Gates', login: 'alice.adams' });
  expect(idToken).toMatchObject({ cost: 4711 });
  expect(idToken).not.toHaveProperty('department');
  expect(accessToken).toMatchObject({ cost: 4711, memberOf: ['porters', 'staff'], sub });
  const { body: introspected } = await post(server, '/introspect', { token: body.access_token }, client);
  expect(introspected).toMatchObject({ active: true, token_type: 'Bearer', memberOf: ['porters', 'staff'] });
});

it('a standard claim is in the ID token where the operator configures it', async () => {
  const { idToken, userinfo: claims } = await signIn('openid email');
  expect(idToken.email).toBe('alice@example.com');
  expect(idToken).not.toHaveProperty('email_verified');
  expect(claims).toMatchObject({ email: 'alice@example.com', email_verified: true });
});

it('a refresh has the current values', async () => {
  const { client, body } = await signIn('openid groups');
  await updateUser(server.gatehouse, sub, { groups: ['staff'] });
  const renewed = (await refresh(server, client, body.refresh_token)).body;
  expect(decodeJwt(renewed.id_token).groups).toEqual(['staff']);
  expect((await userinfo(server, renewed.access_token)).body.groups).toEqual(['staff']);
  await updateUser(server.gatehouse, sub, { groups: ['staff', 'porters'] });
});

it('the consent page shows the operator’s sentence, and a standard scope keeps its own', async () => {
  const { client } = await confidentialClient(server, { scope: registered });
  const agent = createUserAgent(server.issuer);
  const asked = requestOf(client, newPkce(), { scope: 'openid staff email groups' });
  const login = await agent.open(authorizeUrl(server, asked));
  const page = await agent.submit(login, { username: 'alice', password: PASSWORD });
  for (const sentence of ['See your department', 'See your e-mail address', 'See the groups you are in']) {
    expect(page.body).toContain(sentence);
  }
});

it('M11 discovery lists scopes and claims, each once', async () => {
  const answer = await fetch(`${server.issuer}/.well-known/openid-configuration`);
  const { scopes_supported, claims_supported } = (await answer.json()) as Record<string, string[]>;
  expect(scopes_supported).toEqual(expect.arrayContaining(['groups', 'roles', 'staff', 'reports', 'openid']));
  expect(new Set(scopes_supported).size).toBe(scopes_supported?.length);
  expect(claims_supported).toEqual(expect.arrayContaining(['sub', 'groups', 'department', 'address']));
  expect(new Set(claims_supported).size).toBe(claims_supported?.length);
});

it('an attribute that is not defined is refused, one of a wrong type too, and a reserved name by its name', async () => {
  const change = (claims: unknown) => updateUser(server.gatehouse, sub, { claims });
  expect(await change({ departmnt: 'x' })).toMatchObject({ reason: 'unknown_claim' });
  expect(await change({ department: { name: 'x' } })).toMatchObject({ reason: 'malformed_claim' });
  for (const name of [
    'sub',
    'iss',
    'aud',
    'exp',
    'nonce',
    'at_hash',
    'acr',
    'amr',
    'azp',
    'sid',
    'cnf',
    'scope',
  ]) {
    expect(await change({ [name]: 'x' })).toMatchObject({ reason: 'reserved_claim' });
  }
});

it('a value that was written to the row directly never overwrites the protocol’s claims', async () => {
  const { user, stop, ...other } = await startServer({
    environment: {
      GATEHOUSE_SCOPES: '{"staff": {"sentence": "S", "claims": ["department"]}}',
      GATEHOUSE_CLAIMS: '{"department": {"in": ["id_token", "userinfo", "access_token"]}}',
    },
  });
  const one = { user, stop, ...other };
  const alice = await user();
  const forged = {
    sub: 'mallory',
    iss: 'https://evil.test',
    aud: 'x',
    department: 'Gates',
    exp: 1,
    active: false,
  };
  await one.gatehouse.db.write((tx) => tx.run('UPDATE users SET claims = $1', JSON.stringify(forged)));
  const client = await confidentialClient(one, { scope: 'openid staff' });
  const { body } = await redeem(
    one,
    client,
    await authorize(one, client.client, { more: { scope: 'openid staff' } }),
  );
  for (const token of [body.id_token, body.access_token]) {
    expect(decodeJwt(token)).toMatchObject({ sub: alice.sub, iss: one.issuer, department: 'Gates' });
  }
  expect((await userinfo(one, body.access_token)).body).toEqual({ sub: alice.sub, department: 'Gates' });
  await stop();
});

it('Z23 offline_access is asked for on the consent page, once, and explained where it was not allowed before', async () => {
  const { client } = await confidentialClient(server, { scope: registered });
  const { agent } = await authorize(server, client, { more: { scope: 'openid' } });
  const open = (more: Record<string, string>) =>
    agent.open(
      authorizeUrl(server, requestOf(client, newPkce(), { scope: 'openid offline_access', ...more })),
    );
  expect((await open({ prompt: 'none' })).location).toContain('error=consent_required');
  const page = await open({});
  expect(page.body).toContain('Keep its access while you are not using it');
  expect(page.body).toContain('until you remove it, even while you are not using the app');
  expect((await agent.submit(page, { decision: 'allow' })).location).toContain('code=');
  expect((await open({ prompt: 'none' })).location).toContain('code=');
  expect((await open({ prompt: 'consent' })).body).toContain('Keep its access while you are not using it');
});

it('Z23 the granted scope has it, for an app of the operator’s own too', async () => {
  const scope = 'openid offline_access';
  for (const metadata of [{}, { first_party: true }]) {
    const client = await confidentialClient(server, { scope: registered, ...metadata });
    const authorized = await authorize(server, client.client, { more: { scope } });
    expect((await redeem(server, client, authorized)).body.scope).toBe(scope);
  }
});

it('T11 a token of fewer scopes has none of the claims of what it left out, though they were asked one by one too', async () => {
  const client = await confidentialClient(server, { scope: registered });
  const claims = JSON.stringify({ userinfo: { email: null, name: null, department: null } });
  const authorized = await authorize(server, client.client, {
    more: { scope: 'openid email profile', claims },
  });
  const { body } = await redeem(server, client, authorized);
  const whole = (await userinfo(server, body.access_token)).body;
  expect(Object.keys(whole)).toEqual(expect.arrayContaining(['email', 'name', 'department']));
  const narrow = (await refresh(server, client, body.refresh_token, { scope: 'openid' })).body;
  expect((await userinfo(server, narrow.access_token)).body).toEqual({ sub, department: 'Gates' });
});

it('Z28 the claims parameter compares with values that are no deeper than an address', async () => {
  const { client } = await confidentialClient(server, { scope: registered });
  const deep = `{"userinfo":{"name":{"value":${'['.repeat(7000)}${']'.repeat(7000)}}}}`;
  const body = new URLSearchParams(requestOf(client, newPkce(), { claims: deep }));
  const { location } = await createUserAgent(server.issuer).fetch(`${server.issuer}/authorize`, {
    method: 'POST',
    body,
  });
  expect(new URL(location ?? '').searchParams.get('error')).toBe('invalid_request');
  const address = { formatted: 'Gate 1' };
  const shallow = JSON.stringify({ userinfo: { address: { values: [address] }, name: { value: 'x' } } });
  expect((await authorize(server, client, { more: { claims: shallow } })).code).not.toBe('');
});

it('where none of this is requested, a token reads no user row, and userinfo reads only the grant', async () => {
  const client = await confidentialClient(server, { scope: registered, id_token_claims: 'minimal' });
  const authorized = await authorize(server, client.client, { more: { scope: 'openid profile' } });
  const { db } = server.gatehouse;
  const asked: string[] = [];
  const reads = { get: db.get, all: db.all };
  const watch = (read: 'get' | 'all') =>
    Object.assign(db, {
      [read]: (sql: string, ...parameters: never[]) => {
        asked.push(sql);
        return (reads[read] as (...all: unknown[]) => unknown).call(db, sql, ...parameters);
      },
    });
  watch('get');
  watch('all');
  const people = () => asked.filter((sql) => /FROM (users|group_members|user_roles)\b/.test(sql)).length;
  const { body } = await redeem(server, client, authorized);
  expect([asked.length > 0, people()]).toEqual([true, 0]);
  asked.length = 0;
  expect((await userinfo(server, body.access_token)).body.preferred_username).toBe('alice.adams');
  expect([asked.filter((sql) => /FROM grants\b/.test(sql)).length, people()]).toEqual([1, 0]);
  Object.assign(db, reads);
});
