/** nonce. OpenID Connect Core §3.1.2.1, §2 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorize, publicClient, redeem } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

it.each(['n', 'n'.repeat(1024), '"<ü>\\ %00 +&=', '__proto__', '0'])(
  'Z17 is in the ID token as it was sent: %.20s',
  async (nonce) => {
    const app = await publicClient(server);
    const { body } = await redeem(server, app, await authorize(server, app.client, { more: { nonce } }));
    expect(decodeJwt(body.id_token).nonce).toBe(nonce);
    expect(decodeJwt(body.access_token).nonce).toBeUndefined();
  },
);

it('Z17 is not in the ID token where none was sent', async () => {
  const app = await publicClient(server);
  const { body } = await redeem(server, app, await authorize(server, app.client));
  expect(decodeJwt(body.id_token)).not.toHaveProperty('nonce');
});
