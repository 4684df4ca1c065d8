/** An endpoint: what follows by itself when its row is added. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Endpoint } from '../../../src/http/endpoints/endpoint.ts';
import { endpoints } from '../../../src/http/endpoints/index.ts';
import { OPEN_TO_EVERYBODY } from '../../../src/oauth/proof-caller-was-authenticated.ts';
import { answerTo } from '../../../src/oauth/requests/answer-to-proven-caller.ts';
import { publicClient } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

/** Careless on purpose: it sets no header. */
const toyEndpoint: Endpoint = {
  path: '/toy',
  metadata: 'toy_endpoint',
  methods: ['GET', 'POST'],
  cors: 'clients',
  ask: async () => answerTo(OPEN_TO_EVERYBODY, { played: true }),
  send: (reply, body) => reply.send(body),
};

let server: TestServer;
beforeAll(async () => {
  (endpoints as Endpoint[]).push(toyEndpoint);
  server = await startServer();
});
afterAll(() => server.stop());

const ask = (method: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(`${server.issuer}/toy`, { method, headers, ...(body !== undefined && { body }) });

it('discovery names it', async () => {
  const answer = await fetch(`${server.issuer}/.well-known/openid-configuration`);
  expect(await answer.json()).toMatchObject({ toy_endpoint: `${server.issuer}/toy` });
});

it('the 404 for a mistyped path names it', async () => {
  const answer = await fetch(`${server.issuer}/oauth/toy`);
  expect(await answer.text()).toContain(`did you mean ${server.issuer}/toy?`);
});

it('another method is 405 and another type of body 415, both as JSON', async () => {
  const put = await ask('PUT');
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD, OPTIONS']);
  const json = await ask('POST', { 'content-type': 'application/json' }, '{}');
  expect(json.status).toBe(415);
  expect(await json.json()).toMatchObject({ error: 'invalid_request' });
});

it('no cache keeps its answer', async () => {
  const { headers } = await ask('GET');
  expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it("CORS lets only clients' origins read it", async () => {
  await publicClient(server, { redirect_uris: ['https://spa.example.com/callback'] });
  const allowed = async (origin: string) =>
    (await ask('GET', { origin })).headers.get('access-control-allow-origin');
  expect(await allowed('https://spa.example.com')).toBe('https://spa.example.com');
  expect(await allowed('https://evil.example')).toBeNull();
  const preflight = await ask('OPTIONS', { origin: 'https://spa.example.com' });
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, POST');
});

it('metrics count it by its path', async () => {
  await ask('GET');
  expect(await (await fetch(`${server.issuer}/metrics`)).text()).toMatch(/route="\/toy"/);
});
