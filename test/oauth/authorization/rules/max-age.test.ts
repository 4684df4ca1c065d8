/** max_age. OpenID Connect Core §3.1.2.1 */
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

it.each(['0', '1', '300', '00', '2147483647', '999999999999999'])(
  'Z20 is a number of seconds: %s',
  async (max_age) => {
    expect(await told(server, spa, { max_age })).toBe('ok');
  },
);

it.each(['-1', '1.5', '+1', '1e3', ' 1', '1s', '0x10', '1000000000000000', 'NaN', '１'])(
  'Z20 is nothing else: %j',
  async (max_age) => {
    expect(await told(server, spa, { max_age })).toBe('malformed_max_age');
    expect(await told(server, web, { max_age })).toBe('malformed_max_age');
  },
);
