/** What is refused by its name rather than ignored. OpenID Connect Core §3.1.2.6 */
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

it.each(['request', 'request_uri', 'registration'])(
  'Z29 %s is not supported, and an empty one is none',
  async (name) => {
    for (const app of [spa, web]) {
      expect(await told(server, app, { [name]: 'x' })).toBe(`${name}_not_supported`);
      expect(await told(server, app, { [name]: '' })).toBe('ok');
    }
  },
);

it('Z29 of several the first is reported, before every other fault', async () => {
  const changes = { registration: 'x', request_uri: 'y', request: 'z', response_type: 'token' };
  expect(await told(server, spa, changes)).toBe('request_not_supported');
  expect(await told(server, spa, { ...changes, request: undefined })).toBe('request_uri_not_supported');
});
