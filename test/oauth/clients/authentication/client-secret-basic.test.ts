/** RFC 6749 §2.3.1: the Authorization header. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { basicOf, GOOD, send, trial } from './trial.ts';

const SECRET = 'a secret of this test with + and % and ü: 43 characters';
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await server.client({
    client_id: 'app',
    client_secret: SECRET,
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
  });
});
afterAll(() => server.stop());

const encoded = encodeURIComponent(SECRET);
const plus = new URLSearchParams({ x: SECRET }).toString().slice(2);

it.each([
  ['form-encoded', encoded],
  ['form-encoded, with + for a blank', plus],
  ['as it is', SECRET],
])('Q4 the secret is good %s', async (_how, secret) => {
  expect(await trial(server, { fields: {}, headers: basicOf(`app:${secret}`) })).toEqual(GOOD);
});

it('is good beside the same client_id in the body', async () => {
  expect(await trial(server, { fields: { client_id: 'app' }, headers: basicOf(`app:${encoded}`) })).toEqual(
    GOOD,
  );
});

it.each([
  ['another secret', `app:${encoded}x`, 'wrong_client_secret'],
  ['a part of it', `app:${encoded.slice(0, -1)}`, 'wrong_client_secret'],
  ['encoded twice', `app:${encodeURIComponent(encoded)}`, 'wrong_client_secret'],
  ['another case', `app:${encoded.toUpperCase()}`, 'wrong_client_secret'],
  ['nothing', 'app:', 'wrong_method'],
  ['an unknown client', `other:${encoded}`, 'unknown_client'],
])('Q4 T2 refused is %s, with a challenge', async (_what, text, reason) => {
  expect(await trial(server, { fields: {}, headers: basicOf(text) })).toEqual({
    status: 401,
    error: 'invalid_client',
    reason,
  });
  const { headers } = await send(server, { fields: {}, headers: basicOf(text) });
  expect(headers.get('www-authenticate')).toBe('Basic realm="gatehouse", charset="UTF-8"');
});
