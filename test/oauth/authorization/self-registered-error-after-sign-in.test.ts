import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../../src/oauth/clients/client.ts';
import {
  authorizeUrl,
  CALLBACK,
  confidentialClient,
  lastReason,
  newPkce,
  passPages,
  requestOf,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf } from '../../support/user-agent.ts';

let server: TestServer;
let stranger: Client;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  await server.user();
  const body = JSON.stringify({ redirect_uris: [CALLBACK], client_name: 'Anybody’s app' });
  const headers = { 'content-type': 'application/json' };
  const registered = await fetch(`${server.issuer}/register`, { method: 'POST', headers, body });
  const { client_id } = await registered.json();
  stranger = (await server.gatehouse.clients.find(client_id)) as Client;
});
afterAll(() => server.stop());

const urlOf = (client: Client, more: Record<string, string>) =>
  authorizeUrl(server, requestOf(client, newPkce(), more));
const faults = [
  { response_type: 'token' },
  { scope: 'nonsense' },
  { request: 'x.y.z' },
  { max_age: '-1' },
  { response_mode: 'nonsense' },
];

it('Z31 an error is sent to a client that registered itself only after the user signed in', async () => {
  for (const fault of faults) {
    const agent = createUserAgent(server.issuer);
    const page = await agent.open(urlOf(stranger, { ...fault, state: 'kept' }));
    expect(page.location).toBeUndefined();
    expect(page.body).toContain('name="password"');
    expect(page.body).toContain('Anybody’s app');
    const { location } = await passPages(agent, page);
    const answer = new URL(location ?? '').searchParams;
    expect([answer.has('error'), answer.get('state')], JSON.stringify(fault)).toEqual([true, 'kept']);
    const again = await agent.open(page.url);
    expect([again.status, again.location]).toEqual([400, undefined]);
  }
});

it('Z31 a user who is signed in already is redirected at once, by form_post too, and consents to nothing', async () => {
  const agent = createUserAgent(server.issuer);
  await passPages(agent, await agent.open(`${server.issuer}/login`));
  const asked = { response_mode: 'form_post', response_type: 'token' };
  const form = formOf(await agent.open(urlOf(stranger, asked)), ['error']);
  expect(form.fields.error).toBe('unsupported_response_type');
  expect(await lastReason(server)).toBe('unsupported_response_type');
});

it('Z31 a POST from the client’s site signs in first too', async () => {
  const agent = createUserAgent(server.issuer);
  const body = new URLSearchParams(requestOf(stranger, newPkce(), { scope: 'nonsense' }));
  const posted = await agent.fetch(`${server.issuer}/authorize`, { method: 'POST', body });
  const page = await agent.follow(posted);
  expect(page.body).toContain('name="password"');
  const { location } = await passPages(agent, page);
  expect(new URL(location ?? '').searchParams.get('error')).toBe('invalid_scope');
});

it('Z31 prompt=none and the operator’s clients get their errors at once', async () => {
  const agent = createUserAgent(server.issuer);
  const silent = await agent.open(urlOf(stranger, { prompt: 'none', scope: 'nonsense' }));
  expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('invalid_scope');
  const { client } = await confidentialClient(server);
  const trusted = await agent.open(urlOf(client, { scope: 'nonsense' }));
  expect(new URL(trusted.location ?? '').searchParams.get('error')).toBe('invalid_scope');
});
