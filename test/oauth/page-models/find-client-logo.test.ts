/** The logo that the pages show. How it is fetched and handed on: test/http/pages/client-logo.test.ts */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientLogo } from '../../../src/oauth/page-models/find-client-logo.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  const logo_uri = 'https://app.example.com/logo.png';
  await server.client({ client_id: 'logo', redirect_uris: [CALLBACK], logo_uri });
  await server.client({ client_id: 'none', redirect_uris: [CALLBACK] });
});
afterAll(() => server.stop());

it('is that of the client, and 404 where it has none, none can be had, or nobody is called so', async () => {
  const logo = { type: 'png', body: Buffer.from('89504e470d0a1a0a', 'hex') } as const;
  const withLogo = { ...server.gatehouse, logos: { find: async () => logo } };
  expect(await clientLogo(withLogo, 'logo')).toBe(logo);
  const away = { ...server.gatehouse, logos: { find: async () => undefined } };
  for (const [context, client_id] of [
    [withLogo, 'unknown'],
    [away, 'logo'],
    [server.gatehouse, 'none'],
  ] as const)
    await expect(clientLogo(context, client_id)).rejects.toMatchObject({ reason: 'no_logo', status: 404 });
});
