/** A token request where no key signs: nothing is spent, nothing said to be issued, and the app may try again. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { raiseRevision } from '../../../src/storage/revision-and-restore-times.ts';
import { auditEvents, authorize, post, publicClient, redeem, refresh } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startServer();
  await server.user();
});
afterEach(() => server.stop());

/** Past the grace of a refresh token, and before a code ends. */
async function whileMissing(alg: string, ask: () => Promise<{ status: number }>): Promise<void> {
  const issued = async () => (await auditEvents(server)).filter(({ type }) => type === 'token.issued').length;
  const before = await issued();
  await rename(alg, 'none');
  expect((await ask()).status).toBe(500);
  expect(await issued()).toBe(before);
  await rename('none', alg);
  server.clock.advance(20_000);
}

function rename(from: string, to: string): Promise<void> {
  return server.gatehouse.db.write(async (tx) => {
    await tx.run('UPDATE keys SET alg = $2 WHERE alg = $1', from, to);
    await raiseRevision(tx);
  });
}

it.each(['ES256', 'RS256'])('a refresh token is good still when there is a key of %s again', async (alg) => {
  const app = await publicClient(server, { id_token_signed_response_alg: alg });
  const { body } = await redeem(server, app, await authorize(server, app.client));
  await whileMissing(alg, () => refresh(server, app, body.refresh_token));
  expect((await refresh(server, app, body.refresh_token)).status).toBe(200);
});

it.each(['ES256', 'RS256'])('a code is good still when there is a key of %s again', async (alg) => {
  const app = await publicClient(server, { id_token_signed_response_alg: alg });
  const code = await authorize(server, app.client);
  await whileMissing(alg, () => redeem(server, app, code));
  expect((await redeem(server, app, code)).status).toBe(200);
});

it.each(['ES256', 'RS256'])('a resource’s tokens need a key of %s, and no other', async (alg) => {
  const api = await server.client({
    grant_types: ['client_credentials'],
    resources: ['https://api.example.com'],
    access_token_signed_response_alg: alg,
  });
  const form = { grant_type: 'client_credentials', resource: 'https://api.example.com' };
  const ask = () => post(server, '/token', form, api);
  await whileMissing(alg, ask);
  const other = alg === 'ES256' ? 'RS256' : 'ES256';
  await rename(other, 'none');
  expect((await ask()).status).toBe(200);
  await rename('none', other);
});
