/** RFC 6749 §2.1: a public client names itself and proves nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CALLBACK } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { basicOf, trial } from './trial.ts';

let server: TestServer;
const SECRET = 'a secret of this test alone, of 43 characters';

beforeAll(async () => {
  server = await startServer();
  await server.client({ client_id: 'spa', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' });
  await server.client({ client_id: 'web', client_secret: SECRET, redirect_uris: [CALLBACK] });
});
afterAll(() => server.stop());

/** A code that nobody has: whoever gets so far was taken for the client. */
const asking = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  trial(server, { path: '/revoke', fields: { token: 'unknown', ...fields }, headers });

it('Q10 client_id alone names it, in the body or by Basic with nothing behind the colon', async () => {
  expect((await asking({ client_id: 'spa' })).status).toBe(200);
  expect((await asking({}, basicOf('spa:'))).status).toBe(200);
  expect((await asking({ client_id: 'spa' }, basicOf('spa:'))).status).toBe(200);
});

it('Q9 Q10 a confidential client needs its secret', async () => {
  expect(await asking({ client_id: 'web' })).toMatchObject({ status: 401, reason: 'wrong_method' });
  expect(await asking({}, basicOf('web:'))).toMatchObject({ status: 401, reason: 'wrong_method' });
  expect((await asking({}, basicOf(`web:${SECRET}`))).status).toBe(200);
});

it('Q2 a secret that a public client sends proves nothing', async () => {
  expect(await asking({ client_id: 'spa', client_secret: 'x' })).toMatchObject({
    status: 401,
    reason: 'wrong_method',
  });
  expect(await asking({}, basicOf('spa:x'))).toMatchObject({ status: 401, reason: 'wrong_method' });
});

it('T2 a request that names no client, or an unknown one, is refused', async () => {
  expect(await asking({})).toMatchObject({ status: 401, reason: 'no_client' });
  expect(await asking({ client_id: '' })).toMatchObject({ status: 401, reason: 'no_client' });
  expect(await asking({ client_id: 'nobody' })).toMatchObject({ status: 401, reason: 'unknown_client' });
});

it('T13 a public client gets no token for itself', async () => {
  const told = await trial(server, { fields: { client_id: 'spa' } });
  expect([told.status, told.error]).toEqual([400, 'unauthorized_client']);
});
