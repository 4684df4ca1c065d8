/** Apps that another one could pose as: the page says so, and asks each time. RFC 8252 §8.6 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorize, authorizeUrl, newPkce, requestOf } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { createUserAgent } from '../../../support/user-agent.ts';

const WARNING = 'Any app on this device could pose as this one.';
const OPEN = { token_endpoint_auth_method: 'none' };
const NATIVE = { application_type: 'native' };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  await server.user();
});
afterAll(() => server.stop());

async function register(metadata: object) {
  const response = await fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Somebody', ...metadata }),
  });
  const { client_id } = await response.json();
  const client = await server.gatehouse.clients.find(client_id);
  if (!client) throw new Error('not registered');
  return client;
}

const made = async (metadata: Record<string, unknown>) => (await server.client(metadata)).client;
const uris = (...redirect_uris: string[]) => ({ redirect_uris });

it.each<[string, () => ReturnType<typeof register>]>([
  ['a native app on loopback', () => made({ ...uris('http://127.0.0.1/cb'), ...NATIVE, ...OPEN })],
  ['a native app with a secret', () => made({ ...uris('http://127.0.0.1/cb'), ...NATIVE })],
  ['a scheme without a dot', () => made({ ...uris('cursor://anysphere/cb'), ...NATIVE, ...OPEN })],
  ['a reverse-domain scheme', () => made({ ...uris('com.example.app:/cb'), ...NATIVE, ...OPEN })],
  [
    'the operator’s own native app',
    () => made({ ...uris('audiobookshelf://oauth'), ...NATIVE, first_party: true }),
  ],
  [
    'an app that registered itself, without a secret',
    () => register({ ...uris('http://127.0.0.1:1/cb'), ...OPEN }),
  ],
  ['an app that registered itself, with a secret', () => register(uris('capacitor://localhost'))],
])(
  'Z30 %s: the page says that another app could answer, and it asks again each time',
  async (_what, make) => {
    const client = await make();
    const agent = createUserAgent(server.issuer);
    await authorize(server, client, { agent });
    const again = await agent.open(authorizeUrl(server, requestOf(client, newPkce())));
    expect(again.body).toContain('id="allow"');
    expect(again.body).toContain(WARNING);
    const silent = await agent.open(authorizeUrl(server, requestOf(client, newPkce(), { prompt: 'none' })));
    expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('consent_required');
  },
);

it.each([
  [
    'https, where a system vouches for the app',
    { ...uris('https://app.example.com/cb'), ...NATIVE, ...OPEN },
  ],
  ['a back end on this machine, which has a secret', uris('http://localhost:3000/cb')],
  ['a back end on a private host', { ...uris('http://nas/cb'), insecure_redirect_uris: true }],
])('%s: it is asked once, without that sentence', async (_what, metadata) => {
  const client = await made(metadata);
  const { agent } = await authorize(server, client);
  const again = await agent.open(authorizeUrl(server, requestOf(client, newPkce())));
  expect(new URL(again.location ?? '').searchParams.get('code')).not.toBeNull();
  const asked = await agent.open(authorizeUrl(server, requestOf(client, newPkce(), { prompt: 'consent' })));
  expect(asked.body).toContain('id="allow"');
  expect(asked.body).not.toContain(WARNING);
});
