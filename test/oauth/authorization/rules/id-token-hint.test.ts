/** id_token_hint. OpenID Connect Core §3.1.2.1 */
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

it.each(['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.', '..'])(
  'Z21 that is no token of ours is refused: %s',
  async (id_token_hint) => {
    expect(await told(server, spa, { id_token_hint })).toBe('foreign_id_token_hint');
    expect(await told(server, web, { id_token_hint })).toBe('foreign_id_token_hint');
  },
);

it('Z21 an empty one is none', async () => {
  expect(await told(server, spa, { id_token_hint: '' })).toBe('ok');
});
