/** Both buttons of one consent page are pressed, the second before the answer to the first was there. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorizeUrl, confidentialClient, newPkce, passPages, requestOf } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf, type Page, type UserAgent } from '../../support/user-agent.ts';

const WHO = { username: 'alice', password: PASSWORD };

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

/** The form goes out, and its answer is not waited for. */
async function press(agent: UserAgent, consent: Page, decision: 'allow' | 'deny'): Promise<void> {
  const { action, fields } = formOf(consent, ['decision']);
  const body = new URLSearchParams({ ...fields, decision });
  await agent.fetch(new URL(action, consent.url).href, {
    method: 'POST',
    body,
    headers: { origin: new URL(server.issuer).origin },
  });
}

async function start() {
  const { client } = await confidentialClient(server);
  const agent = createUserAgent(server.issuer);
  const ask = (more: Record<string, string> = {}) =>
    agent.open(authorizeUrl(server, requestOf(client, newPkce(), more)));
  return { agent, ask, apps: () => agent.open(`${server.issuer}/account/apps`), client };
}

const errorOf = ({ location = '' }: Page) => new URL(location).searchParams.get('error');

it('a denial takes back what the same page allowed before: the app is asked about again, and not listed', async () => {
  const { agent, ask, apps, client } = await start();
  const consent = await agent.submit(await ask(), WHO);
  await press(agent, consent, 'allow');
  await press(agent, consent, 'allow');
  expect((await apps()).body).toContain(client.client_id);
  expect(errorOf(await agent.submit(consent, { decision: 'deny' }))).toBe('access_denied');
  expect(errorOf(await ask({ prompt: 'none' }))).toBe('consent_required');
  expect((await apps()).body).not.toContain(client.client_id);
});

it('a denial takes back no more than that page allowed', async () => {
  const { agent, ask } = await start();
  await passPages(agent, await ask({ scope: 'openid profile' }));
  const consent = await ask({ scope: 'openid email', claims: '{"userinfo":{"phone_number":null}}' });
  await press(agent, consent, 'allow');
  expect(errorOf(await agent.submit(consent, { decision: 'deny' }))).toBe('access_denied');
  expect(errorOf(await ask({ prompt: 'none', scope: 'openid profile' }))).toBeNull();
  expect(errorOf(await ask({ prompt: 'none', scope: 'openid email' }))).toBe('consent_required');
});

it('a denial after the page expired takes back what it allowed before', async () => {
  const { agent, ask } = await start();
  const consent = await agent.submit(await ask(), WHO);
  await press(agent, consent, 'allow');
  server.clock.advance(601_000);
  expect(errorOf(await agent.submit(consent, { decision: 'deny' }))).toBe('access_denied');
  expect(errorOf(await ask({ prompt: 'none' }))).toBe('consent_required');
});

it('a denial takes back nothing that another page allowed', async () => {
  const { agent, ask } = await start();
  await passPages(agent, await ask({ scope: 'openid profile' }));
  const consent = await ask({ scope: 'openid email' });
  await press(agent, consent, 'allow');
  await passPages(agent, await ask({ scope: 'openid phone' }));
  await press(agent, consent, 'deny');
  for (const scope of ['openid profile', 'openid phone'])
    expect(errorOf(await ask({ prompt: 'none', scope }))).toBeNull();
  expect(errorOf(await ask({ prompt: 'none', scope: 'openid email' }))).toBe('consent_required');
});

it('a denial brings nothing back that was withdrawn since', async () => {
  const { agent, ask, apps, client } = await start();
  const consent = await agent.submit(await ask(), WHO);
  await press(agent, consent, 'allow');
  await agent.submit(await apps(), { client_id: client.client_id });
  await press(agent, consent, 'deny');
  expect(errorOf(await ask({ prompt: 'none' }))).toBe('consent_required');
});
