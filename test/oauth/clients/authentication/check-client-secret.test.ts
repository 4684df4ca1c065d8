/** Which secrets of a client are good. RFC 6749 §2.3.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { runVerb } from '../../../support/verb.ts';
import { GOOD, trial } from './trial.ts';

let server: TestServer;
let apps = 0;

beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
});
afterAll(() => server.stop());

async function newApp(metadata: Record<string, unknown> = {}) {
  apps += 1;
  const { client, client_secret = '' } = await server.client({
    client_id: `app${apps}`,
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
    ...metadata,
  });
  return { client_id: client.client_id, client_secret };
}

const reasonOf = async (fields: Record<string, string>) => {
  const { status, reason } = await trial(server, { fields });
  return status === 200 ? 'good' : reason;
};

it('while one is rotated both are good, and the former until the millisecond of its end', async () => {
  const app = await newApp();
  const input = { client_id: app.client_id, keep_old_seconds: 60 };
  const { client_secret } = await runVerb(server, 'client', 'rotate-secret', input);
  expect(client_secret).not.toBe(app.client_secret);
  expect(await reasonOf({ ...app, client_secret })).toBe('good');
  expect(await reasonOf(app)).toBe('good');
  server.clock.advance(59_999);
  expect(await reasonOf(app)).toBe('good');
  server.clock.advance(1);
  expect(await reasonOf(app)).toBe('wrong_client_secret');
  expect(await reasonOf({ ...app, client_secret })).toBe('good');
});

it('the former is over at once where it is not kept', async () => {
  const app = await newApp();
  const input = { client_id: app.client_id, keep_old_seconds: 0 };
  const { client_secret } = await runVerb(server, 'client', 'rotate-secret', input);
  expect(await reasonOf(app)).toBe('wrong_client_secret');
  expect(await reasonOf({ ...app, client_secret })).toBe('good');
});

it('one of another client is none', async () => {
  const [one, other] = [await newApp(), await newApp()];
  expect(await reasonOf({ ...one, client_secret: other.client_secret })).toBe('wrong_client_secret');
  expect(await trial(server, { fields: one })).toEqual(GOOD);
});

it('its hash, as it is stored, is none', async () => {
  const app = await newApp();
  const row = await server.gatehouse.db.get<{ secret_hash: string }>(
    'SELECT secret_hash FROM client_secrets WHERE client_id = $1',
    app.client_id,
  );
  expect(row?.secret_hash).toMatch(/^[\w-]{43}$/);
  expect(await reasonOf({ ...app, client_secret: row?.secret_hash ?? '' })).toBe('wrong_client_secret');
});
