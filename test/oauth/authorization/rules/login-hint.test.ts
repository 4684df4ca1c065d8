/** login_hint. OpenID Connect Core §3.1.2.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confidentialClient, publicClient, type Registered } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { told } from './asking.ts';

let server: TestServer;
let spa: Registered;
let web: Registered;

beforeAll(async () => {
  server = await startServer();
  spa = await publicClient(server);
  web = await confidentialClient(server);
});
afterAll(() => server.stop());

it('Z27 login_hint never fails, whatever it is', async () => {
  for (const login_hint of ['alice', '', 'nobody@example.com', 'x'.repeat(2048), '<b>', 'ü', 'a\nb'])
    expect(await told(server, spa, { login_hint }), login_hint.slice(0, 20)).toBe('ok');
  expect(await told(server, web, { login_hint: 'alice' })).toBe('ok');
});
