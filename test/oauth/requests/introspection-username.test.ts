/** username in introspection. RFC 7662 §2.2, §5; OpenID Connect Core §8.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateUser } from '../../../src/identity/users/users.ts';
import { authorize, confidentialClient, post, type Registered, redeem } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const RESOURCE = 'https://api.example.com';

let server: TestServer;
let api: Registered;
let sub: string;

beforeAll(async () => {
  const claims = JSON.stringify({ username: { from: 'attribute nick', in: ['access_token'] } });
  const scopes = JSON.stringify({ nick: { sentence: 'Your nick', claims: ['username'] } });
  server = await startServer({ environment: { GATEHOUSE_CLAIMS: claims, GATEHOUSE_SCOPES: scopes } });
  ({ sub } = await server.user('alice', { nick: 'ally' }));
  api = await server.client({ grant_types: ['client_credentials'], resources: [RESOURCE] });
});
afterAll(() => server.stop());

async function tokenOf(app: Registered, scope: string, resource?: string): Promise<string> {
  const more = { scope, ...(resource !== undefined && { resource }) };
  const username = 'alice';
  return (await redeem(server, app, await authorize(server, app.client, { more, username }))).body
    .access_token;
}

const usernameTold = async (token: string, as: Registered) => {
  const { body } = await post(server, '/introspect', { token }, as);
  expect(body.active).toBe(true);
  return body.username;
};
const newApp = (metadata = {}) =>
  confidentialClient(server, { scope: 'openid profile read nick', ...metadata });

it('N2 the API learns whom it serves, by the current username', async () => {
  const app = await newApp();
  const token = await tokenOf(app, 'read', RESOURCE);
  expect(await usernameTold(token, api)).toBe('alice');
  expect(await usernameTold(token, api)).toBe('alice');
  await updateUser(server.gatehouse, sub, { username: 'alison' });
  expect(await usernameTold(token, api)).toBe('alison');
  await updateUser(server.gatehouse, sub, { username: 'alice' });
});

it('V10 the app learns what it may know anyway: with profile, and not without', async () => {
  const app = await newApp();
  expect(await usernameTold(await tokenOf(app, 'read', RESOURCE), app)).toBeUndefined();
  expect(await usernameTold(await tokenOf(app, 'openid profile'), app)).toBe('alice');
  const shared = await tokenOf(app, 'read', RESOURCE);
  expect([await usernameTold(shared, api), await usernameTold(shared, app)]).toEqual(['alice', undefined]);
});

it('W2 a pairwise subject is not betrayed to the API', async () => {
  const app = await newApp({ subject_type: 'pairwise' });
  expect(await usernameTold(await tokenOf(app, 'read', RESOURCE), api)).toBeUndefined();
  expect(await usernameTold(await tokenOf(app, 'read profile', RESOURCE), api)).toBe('alice');
});

it('a client that acts for itself has no username, and a claim of the operator’s own wins', async () => {
  const own = await post(server, '/token', { grant_type: 'client_credentials', resource: RESOURCE }, api);
  expect(await usernameTold(own.body.access_token, api)).toBeUndefined();
  const app = await newApp();
  expect(await usernameTold(await tokenOf(app, 'nick', RESOURCE), api)).toBe('ally');
});
