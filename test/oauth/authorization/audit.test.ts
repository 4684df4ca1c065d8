import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  authorizeUrl,
  lastReason,
  newPkce,
  publicClient,
  type Registered,
  requestOf,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let spa: Registered;
beforeAll(async () => {
  server = await startServer();
  spa = await publicClient(server);
});
afterAll(() => server.stop());

it('a refusal that is shown locally is an audit event with its reason', async () => {
  const agent = createUserAgent(server.issuer);
  const ask = async (more: Record<string, string>) => {
    await agent.fetch(authorizeUrl(server, requestOf(spa.client, newPkce(), more)));
    return lastReason(server);
  };
  expect(await ask({ redirect_uri: 'https://evil.test' })).toBe('invalid_redirect_uri');
  expect(await ask({ client_id: 'nobody' })).toBe('unknown_client');
  expect(await ask({ scope: 'nonsense' })).toBe('scope_not_allowed');
  await agent.fetch(`${server.issuer}/authorize/resume?interaction=x`);
  expect(await lastReason(server)).toBe('unknown_interaction');
  await agent.fetch(`${server.issuer}/login`, { method: 'POST', body: new URLSearchParams({ csrf: 'x' }) });
  expect(await lastReason(server)).toBe('missing_browser_cookie');
});
