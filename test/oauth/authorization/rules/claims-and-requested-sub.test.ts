/** claims. OpenID Connect Core §5.5 */
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

it('Z28 is a JSON object of what Core §5.5 has', async () => {
  for (const claims of [
    '{}',
    '{"userinfo":{"name":null}}',
    '{"id_token":{"email":{"essential":true}}}',
    '{"x":1}',
    '',
  ])
    expect(await told(server, spa, { claims }), claims).toBe('ok');
  for (const claims of ['x', '[]', '"a"', '1', '{', '{"userinfo":1}', '{"id_token":[]}', '{"a":1,"a":2}'])
    expect(await told(server, web, { claims }), claims).not.toBe('ok');
});

it('Z21 a requested sub that belongs to no user is compared after the sign-in, not refused before', async () => {
  expect(await told(server, spa, { claims: '{"id_token":{"sub":{"value":"nobody"}}}' })).toBe('ok');
});
