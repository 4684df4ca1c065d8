/** prompt. OpenID Connect Core §3.1.2.1 */
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

it('Z18 none is refused together with any other value', async () => {
  expect(await told(server, spa, { prompt: 'none' })).not.toBe('prompt_none_with_others');
  for (const prompt of ['none login', 'consent none', 'none none login', 'none x'])
    expect(await told(server, spa, { prompt }), prompt).toBe('prompt_none_with_others');
});

it('Z19 unknown values are left out, and none stays none however often it is repeated', async () => {
  for (const prompt of ['', 'login', 'login consent', 'create', 'NONE', 'login login', 'None x'])
    expect(await told(server, web, { prompt }), prompt).toBe('ok');
  expect(await told(server, web, { prompt: 'none none' })).not.toBe('ok');
});
