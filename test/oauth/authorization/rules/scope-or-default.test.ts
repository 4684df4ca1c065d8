/** scope. RFC 6749 §3.3 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publicClient } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { told } from './asking.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('Z9 is narrowed to what the client may have, and refused where nothing remains', async () => {
  const app = await publicClient(server, { scope: 'openid profile' });
  for (const scope of ['openid', 'openid admin', 'profile', undefined, ''])
    expect(await told(server, app, { scope }), scope).toBe('ok');
  for (const scope of ['admin', 'email', 'openid"', 'OPENID'])
    expect(await told(server, app, { scope }), scope).toBe('scope_not_allowed');
});
