/** What tokens are signed with is opened before anything is spent. What that saves: ../requests/missing-signing-key.test.ts */
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSigningKeys } from '../../../src/oauth/tokens/issuing-keys.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { clientOf } from '../clients/client-value.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('those that resources ask for are opened for every client', async () => {
  const { signing } = await openSigningKeys(server.gatehouse, clientOf());
  for (const alg of ['ES256', 'RS256'] as const) {
    const token = await signing(alg).sign('JWT', { sub: 'alice' });
    expect(decodeProtectedHeader(token)).toMatchObject({ alg, typ: 'JWT' });
  }
  expect(() => signing('EdDSA')).toThrow();
});

it('and that of the client’s own ID tokens', async () => {
  const metadata = { redirect_uris: [CALLBACK], id_token_signed_response_alg: 'EdDSA' };
  const { client } = await server.client(metadata);
  const { signing } = await openSigningKeys(server.gatehouse, client);
  const published = await server.gatehouse.keys.published();
  const { kid } = decodeProtectedHeader(await signing('EdDSA').sign('JWT', {}));
  expect(published.find((key) => key.kid === kid)?.alg).toBe('EdDSA');
});
