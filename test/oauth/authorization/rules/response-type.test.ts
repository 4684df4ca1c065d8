/** response_type. RFC 6749 §3.1.1 */
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

it('Z7 is code, and nothing else', async () => {
  expect(await told(server, spa, { response_type: 'code' })).toBe('ok');
  for (const response_type of [undefined, ''])
    expect(await told(server, spa, { response_type })).toBe('missing_response_type');
  for (const response_type of [
    'token',
    'id_token',
    'code token',
    'code id_token',
    'none',
    'CODE',
    'code code',
    ' code',
  ])
    expect(await told(server, spa, { response_type }), response_type).toBe('unsupported_response_type');
});

it('Z8 is for a client that registered the grant', async () => {
  const machine = await confidentialClient(server, {
    grant_types: ['client_credentials'],
    response_types: [],
  });
  expect(await told(server, machine)).toBe('response_type_not_allowed');
  expect(await told(server, web)).toBe('ok');
});
