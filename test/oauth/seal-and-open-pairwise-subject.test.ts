/** Pairwise subject identifiers. OpenID Connect Core §8 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPairwiseSubjects } from '../../src/oauth/seal-and-open-pairwise-subject.ts';
import {
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  post,
  type Registered,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

let server: TestServer;
let sub: string;
let alice: UserAgent;
beforeAll(async () => {
  server = await startServer();
  ({ sub } = await server.user());
  alice = createUserAgent(server.issuer);
});
afterAll(() => server.stop());

const pairwise = (host: string, more: Record<string, unknown> = {}) =>
  confidentialClient(server, { redirect_uris: [`https://${host}/cb`], subject_type: 'pairwise', ...more });

async function signIn(as: Registered, more: Record<string, string> = {}, username = 'alice', agent = alice) {
  const { body } = await redeem(server, as, await authorize(server, as.client, { agent, username, more }));
  return body;
}

const subOf = (token: string) => decodeJwt(token).sub;

it('W4 W6 one sub per sector, the same in ID token, access token, userinfo, introspection and after a refresh', async () => {
  const shop = await pairwise('shop.example');
  const body = await signIn(shop);
  const known = subOf(body.id_token);
  expect(known).not.toBe(sub);
  expect(known).toMatch(/^[A-Za-z0-9_-]{40,255}$/);
  expect(subOf(body.access_token)).toBe(known);
  expect((await userinfo(server, body.access_token)).body).toEqual({ sub: known });
  const introspect = async (token: string) => (await post(server, '/introspect', { token }, shop)).body;
  expect(await introspect(body.access_token)).toMatchObject({ active: true, sub: known });
  expect(await introspect(body.refresh_token)).toMatchObject({ active: true, sub: known });
  expect(subOf((await refresh(server, shop, body.refresh_token)).body.id_token)).toBe(known);
  expect(subOf((await signIn(shop)).id_token)).toBe(known);
});

it('W6 the same host has the same sub, another host and another person have others', async () => {
  const first = subOf((await signIn(await pairwise('one.example'))).id_token);
  const sibling = await pairwise('one.example', {
    redirect_uris: ['https://one.example/a', 'https://one.example:8443/b'],
  });
  expect(subOf((await signIn(sibling, { redirect_uri: 'https://one.example/a' })).id_token)).toBe(first);
  expect(subOf((await signIn(await pairwise('two.example'))).id_token)).not.toBe(first);
  await server.user('berta');
  const berta = createUserAgent(server.issuer);
  expect(subOf((await signIn(await pairwise('one.example'), {}, 'berta', berta)).id_token)).not.toBe(first);
  expect(subOf((await signIn(await confidentialClient(server))).id_token)).toBe(sub);
});

it('a resource server sees the sub of the client whose token it is', async () => {
  const resource = 'https://api.example/';
  const api = await confidentialClient(server, {
    grant_types: ['client_credentials'],
    redirect_uris: [],
    resources: [resource],
  });
  const shop = await pairwise('shop.example');
  const { access_token, id_token } = await signIn(shop, { resource });
  expect(subOf(access_token)).toBe(subOf(id_token));
  const { body } = await post(server, '/introspect', { token: access_token }, api);
  expect(body).toMatchObject({ active: true, sub: subOf(id_token) });
});

it('Z21 id_token_hint and a sub that is asked for lead back to the person', async () => {
  const shop = await pairwise('shop.example');
  const { id_token } = await signIn(shop);
  const known = subOf(id_token);
  const silent = async (as: Registered, more: Record<string, string>) => {
    const asked = requestOf(as.client, newPkce(), { prompt: 'none', ...more });
    const { location } = await alice.open(authorizeUrl(server, asked));
    const answer = new URL(location ?? '').searchParams;
    return answer.get('error') ?? 'code';
  };
  const subIs = (value: string | undefined) => JSON.stringify({ id_token: { sub: { value } } });
  expect(await silent(shop, { id_token_hint: id_token })).toBe('code');
  expect(await silent(shop, { claims: subIs(known) })).toBe('code');
  // The sub of this server is not what this client calls the person, and another sector's is not either.
  expect(await silent(shop, { claims: subIs(sub) })).toBe('login_required');
  const other = await pairwise('two.example');
  await signIn(other);
  expect(await silent(other, { claims: subIs(known) })).toBe('login_required');
});

it('W6 redirect URIs of several hosts, or none, have no sector', async () => {
  const register = (redirect_uris: string[], more = {}) =>
    server.client({ redirect_uris, subject_type: 'pairwise', ...more }).then(
      () => 'registered',
      (error: Error) => error.message,
    );
  expect(await register(['https://a.example/cb', 'https://b.example/cb'])).toMatch(
    /one host, or a sector_identifier_uri/,
  );
  expect(await register(['com.example.app:/cb'], { application_type: 'native' })).toMatch(
    /sector_identifier_uri/,
  );
  expect(await register(['https://a.example/cb'], { subject_type: 'other' })).toMatch(/subject_type/);
});

it('a sealed sub opens in its sector and under its key alone', () => {
  const subjects = createPairwiseSubjects(Buffer.alloc(32, 1));
  const sealed = subjects.seal('a.example', sub);
  expect(subjects.open('a.example', sealed)).toBe(sub);
  expect(subjects.open('b.example', sealed)).toBeUndefined();
  expect(createPairwiseSubjects(Buffer.alloc(32, 2)).open('a.example', sealed)).toBeUndefined();
  for (const text of ['', 'x', sub, `${sealed}=`, `${sealed.slice(0, -2)}AA`, 'é'.repeat(40)]) {
    expect(subjects.open('a.example', text)).toBeUndefined();
  }
  expect(subjects.seal('b.example', sub).slice(0, 20)).not.toBe(sealed.slice(0, 20));
});
