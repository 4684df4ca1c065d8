/** resource. RFC 8707 §2.1 */
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

it('Z25 is absolute, without a fragment, and of a client that is enabled', async () => {
  const resource = 'https://api.example/v1';
  await confidentialClient(server, { resources: [resource] });
  for (const sent of [resource, [resource, resource], undefined, ''])
    expect(await told(server, spa, { resource: sent }), String(sent)).toBe('ok');
  expect(await told(server, spa, { audience: resource })).toBe('ok');
  for (const sent of ['api', '/v1', `${resource}#a`])
    expect(await told(server, web, { resource: sent }), sent).toBe('malformed_resource');
  for (const sent of ['https://other.example/', [resource, 'https://other.example/']])
    expect(await told(server, web, { resource: sent }), String(sent)).toBe('unknown_resource');
});

it('Z25 an unknown default of the client is reported as for the operator to fix', async () => {
  const app = await publicClient(server, { default_resource: 'https://gone.example/' }).catch(
    () => undefined,
  );
  if (app) expect(await told(server, app)).toBe('unknown_default_resource');
  else await expect(publicClient(server, { default_resource: 'https://gone.example/' })).rejects.toThrow();
});
