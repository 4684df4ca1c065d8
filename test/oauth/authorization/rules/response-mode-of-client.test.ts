/** response_mode. OAuth 2.0 Multiple Response Types §2.1 */
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

it('Z24 is one that the client may have', async () => {
  for (const response_mode of [undefined, '', 'query', 'fragment', 'form_post'])
    expect(await told(server, spa, { response_mode }), response_mode).toBe('ok');
  expect(await told(server, web, { response_mode: 'fragment' })).toBe('unsupported_response_mode');
  for (const response_mode of ['jwt', 'Query', 'web_message'])
    expect(await told(server, spa, { response_mode }), response_mode).toBe('unsupported_response_mode');
});

it('Z24 where none is named, query must be among those that it registered', async () => {
  const app = await publicClient(server, { response_modes: ['form_post'] });
  expect(await told(server, app)).toBe('unsupported_response_mode');
  expect(await told(server, app, { response_mode: 'form_post' })).toBe('ok');
});
