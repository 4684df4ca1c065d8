/** Whoever is refused by a machine endpoint finds the reason by the request id, and by the client where it is known. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  auditEvents,
  authorize,
  confidentialClient,
  publicClient,
  type Registered,
  redeem,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let web: Registered;
let spa: Registered;

beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  await server.user();
  web = await confidentialClient(server, { token_endpoint_auth_method: 'client_secret_basic' });
  spa = await publicClient(server);
});
afterAll(() => server.stop());

const idOf = ({ client }: Registered) => client.client_id;
const basicOf = (registered: Registered) =>
  `Basic ${Buffer.from(`${idOf(registered)}:${registered.client_secret}`).toString('base64')}`;

async function ask(path: string, form: Record<string, string>, authorization?: string) {
  const answer = await fetch(server.issuer + path, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: authorization === undefined ? {} : { authorization },
  });
  await answer.arrayBuffer();
  const id = answer.headers.get('x-request-id');
  return (await auditEvents(server)).filter(({ request_id }) => request_id === id);
}

const code = { grant_type: 'authorization_code', code: 'x' };
const password = { grant_type: 'password', username: 'a', password: 'b' };
const both = () => ({ ...code, client_id: idOf(web), client_secret: web.client_secret ?? '' });

test.each<[string, 'web' | 'spa' | undefined, () => ReturnType<typeof ask>]>([
  ['several_methods', 'web', () => ask('/token', both(), basicOf(web))],
  ['several_methods', 'web', () => ask('/introspect', both(), basicOf(web))],
  ['several_methods', 'web', () => ask('/revoke', both(), basicOf(web))],
  ['client_id_mismatch', 'web', () => ask('/token', { ...code, client_id: idOf(spa) }, basicOf(web))],
  ['malformed_basic', 'web', () => ask('/token', { ...code, client_id: idOf(web) }, 'Basic !')],
  ['no_client', undefined, () => ask('/token', code)],
  ['missing_grant_type', 'web', () => ask('/token', {}, basicOf(web))],
  ['unsupported_grant_type', 'web', () => ask('/token', password, basicOf(web))],
  ['grant_type_not_allowed', 'web', () => ask('/token', { grant_type: 'client_credentials' }, basicOf(web))],
  ['missing_parameter', 'web', () => ask('/token', { grant_type: 'refresh_token' }, basicOf(web))],
  ['missing_token', 'web', () => ask('/revoke', {}, basicOf(web))],
  ['public_caller', 'spa', () => ask('/introspect', { client_id: idOf(spa), token: 'x' })],
  ['no_token', undefined, () => ask('/userinfo', {})],
])('%s is an event of this request, and of the client: %s', async (reason, about, attempt) => {
  const [event, ...others] = await attempt();
  expect(others).toEqual([]);
  const client_id = about && idOf(about === 'web' ? web : spa);
  expect(event?.reason).toBe(reason);
  expect(event?.client_id ?? undefined).toBe(client_id);
});

test('a token of userinfo that may not be used there is an event of its client', async () => {
  const plain = await confidentialClient(server, { scope: 'offline_access', require_pkce: true });
  const { body } = await redeem(
    server,
    plain,
    await authorize(server, plain.client, { more: { scope: 'offline_access', prompt: 'consent' } }),
  );
  const [event] = await ask('/userinfo', {}, `Bearer ${body.access_token}`);
  expect(event).toMatchObject({
    type: 'userinfo.refused',
    reason: 'no_openid_scope',
    client_id: idOf(plain),
  });
});

test('the log names the client too', async () => {
  await ask('/token', password, basicOf(web));
  const lines = server.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'refused', reason: 'unsupported_grant_type', client_id: idOf(web) }),
  );
});

test('what was wrong before a request was understood is in the log', async () => {
  const answer = await fetch(`${server.issuer}/token`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(415);
  const requestId = answer.headers.get('x-request-id');
  const lines = server.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'refused', reason: 'wrong_content_type', requestId }),
  );
});

test('a secret that was written where the client_id belongs is remembered nowhere', async () => {
  const secret = web.client_secret ?? '';
  const swapped = `Basic ${Buffer.from(`${secret}:${idOf(web)}`).toString('base64')}`;
  expect(await ask('/token', code, swapped)).toMatchObject([{ reason: 'unknown_client' }]);
  await ask('/token', { ...code, client_id: secret, client_secret: idOf(web) });
  expect(JSON.stringify(await auditEvents(server))).not.toContain(secret);
  expect(server.lines.join('')).not.toContain(secret);
});
