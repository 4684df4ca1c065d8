/** RFC 6749 §2.3.1: client_id and client_secret in the body. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { GOOD, trial } from './trial.ts';

const SECRET = 'a secret of this test with + and % and ü: 43 characters';
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await server.client({
    client_id: 'app',
    client_secret: SECRET,
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  });
});
afterAll(() => server.stop());

it('the secret is good as it is, and as often as it is shown', async () => {
  for (let turn = 0; turn < 2; turn += 1)
    expect(await trial(server, { fields: { client_id: 'app', client_secret: SECRET } })).toEqual(GOOD);
});

it.each([
  ['another secret', { client_id: 'app', client_secret: `${SECRET} ` }, 'wrong_client_secret'],
  [
    'its form encoding',
    { client_id: 'app', client_secret: encodeURIComponent(SECRET) },
    'wrong_client_secret',
  ],
  ['no secret', { client_id: 'app' }, 'wrong_method'],
  ['an empty secret', { client_id: 'app', client_secret: '' }, 'wrong_method'],
  ['no client_id', { client_secret: SECRET }, 'unknown_client'],
  ['an empty client_id', { client_id: '', client_secret: SECRET }, 'unknown_client'],
  ['another client', { client_id: 'App', client_secret: SECRET }, 'unknown_client'],
] as [string, Record<string, string>, string][])('T2 refused is %s', async (_what, fields, reason) => {
  expect(await trial(server, { fields })).toEqual({ status: 401, error: 'invalid_client', reason });
});

it('Q3 the secret is not read from the address', async () => {
  const query = new URLSearchParams({ client_id: 'app', client_secret: SECRET });
  const { status, error } = await trial(server, { path: `/token?${query}`, fields: {} });
  expect([status, error]).toEqual([401, 'invalid_client']);
});
