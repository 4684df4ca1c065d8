/** docs/tutorials/api.md: its API, its gateway and its program, shown every kind of token. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { post, type Registered } from '../support/flow.ts';
import { grantTypes } from '../support/server.ts';
import { holdGateway, type NginxClock } from './gateway.ts';
import { type Port, type Stage, setStage } from './stage.ts';
import { badTokens, expiredToken, ordersApp, otherApi, RESOURCE, revokedToken, tokensOf } from './tokens.ts';

const PATIENCE_MS = 120_000;
const GATEWAY = 8080;
const API = 8081;

let stage: Stage;
let app: Registered;
let other: Registered;
let good: string;
beforeAll(async () => {
  stage = await setStage();
  await stage.server.user();
  await stage.follow('api');
  app = await ordersApp(stage.server);
  other = await otherApi(stage.server);
  good = (await tokensOf(stage.server, app)).access_token;
}, PATIENCE_MS);
afterAll(() => stage.stop());

interface Seen {
  readonly status: number;
  readonly challenge: string | null;
}

async function show(port: Port, token: string | undefined, path = '/orders', more: RequestInit = {}) {
  const headers = { ...more.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${stage.origin(port)}${path}`, { ...more, headers });
  await answer.arrayBuffer();
  return { status: answer.status, challenge: answer.headers.get('www-authenticate') } satisfies Seen;
}

/** How often /introspect answered. */
async function asked(): Promise<number> {
  const text = await stage.server.gatehouse.metrics.text();
  const counts = text.matchAll(
    /^gatehouse_request_duration_seconds_count\{.*route="\/introspect".*\} (\d+)$/gm,
  );
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

const INVALID: Seen = { status: 401, challenge: 'Bearer error="invalid_token"' };

it('every command of docs/tutorials/api.md did what the page says', () => {
  expect(stage.program(API).output()).toBe(`the API listens on ${stage.origin(API)}\n`);
});

describe.each([GATEWAY, API] as const)('what listens on %i', (port) => {
  it('lets a good token through, and asks for the scope that the request needs', async () => {
    expect(await show(port, good)).toEqual({ status: 200, challenge: null });
    const order = { method: 'POST', body: '{"item":"tea"}', headers: { 'content-type': 'application/json' } };
    const scope = 'orders:write';
    const challenge = `Bearer error="insufficient_scope", scope="${scope}"`;
    expect(await show(port, good, '/orders', order)).toEqual({ status: 403, challenge });
    const writing = await tokensOf(stage.server, app, { resource: RESOURCE, scope });
    expect((await show(port, writing.access_token, '/orders', order)).status).toBe(201);
    expect((await show(port, good, '/report')).status).toBe(403);
  });

  it('says 401 to garbage, and to tokens that are expired, forged or for somebody else', async () => {
    for (const [what, token] of Object.entries(await badTokens(stage.server, { app, other, good })))
      expect({ what, ...(await show(port, token)) }).toEqual({ what, ...INVALID });
    expect(await show(port, undefined)).toEqual({ status: 401, challenge: 'Bearer' });
    const elsewhere = { headers: { authorization: `Basic ${good}` } };
    expect((await show(port, undefined, '/orders', elsewhere)).status).toBe(401);
    expect((await show(port, undefined, `/orders?access_token=${good}`)).status).toBe(401);
  });
});

it('what the gateway has no scope for is nobody’s, however it is spelled', async () => {
  const spellings = [
    '/',
    '/Report',
    '/report/',
    '/orders/../report',
    '/%72eport',
    '//report',
    '/orders;/../report',
  ];
  for (const path of spellings) expect((await show(GATEWAY, good, path)).status, path).toBe(403);
  expect((await show(GATEWAY, good, '/orders', { method: 'DELETE' })).status).toBe(403);
});

it('a revoked token is refused by the gateway, and is good until its end where the API checks it alone', async () => {
  const revoked = await revokedToken(stage.server, app);
  expect(await show(GATEWAY, revoked)).toEqual(INVALID);
  expect((await show(API, revoked)).status).toBe(200);
});

it('the API takes a JWT of another type for no access token, whatever is in it', async () => {
  const { keys } = stage.server.gatehouse;
  expect(await show(API, await keys.sign('ES256', 'JWT', decodeJwt(good)))).toEqual(INVALID);
});

describe('the gateway by itself', () => {
  beforeAll(() => stage.program(API).end());

  it('refuses before the API is asked', async () => {
    expect((await show(GATEWAY, good)).status).toBe(502);
    const bad = {
      ...(await badTokens(stage.server, { app, other, good })),
      revoked: await revokedToken(stage.server, app),
    };
    for (const [what, token] of Object.entries(bad))
      expect({ what, ...(await show(GATEWAY, token)) }).toEqual({ what, ...INVALID });
  });

  it('looks at aud itself: what is active for another API of the same client is refused', async () => {
    const { client_id } = JSON.parse(readFileSync(join(stage.directory, 'api-client.json'), 'utf8'));
    const resource = 'https://second.example.com';
    await updateClient(stage.server.gatehouse, grantTypes, client_id, { resources: [RESOURCE, resource] });
    const { access_token } = await tokensOf(stage.server, app, { resource, scope: 'orders:read' });
    expect(await show(GATEWAY, access_token)).toEqual(INVALID);
  });

  it('looks at exp itself, though /introspect says that the token is active', async () => {
    const expired = await expiredToken(stage.server, app);
    stage.server.clock.advance(-600_000);
    expect(await show(GATEWAY, expired)).toEqual(INVALID);
    stage.server.clock.advance(600_000);
  });

  it('asks once for the many requests that come at once with one token', async () => {
    const { access_token } = await tokensOf(stage.server, app);
    const before = await asked();
    const answers = await Promise.all(Array.from({ length: 20 }, () => show(GATEWAY, access_token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(502));
    expect((await asked()) - before).toBe(1);
  });
});

describe('the gateway under a clock that is set', () => {
  let clock: NginxClock;
  let nowMs: number;
  beforeAll(async () => {
    await stage.program(API).again();
    nowMs = Date.now();
    clock = await holdGateway(stage, nowMs);
  }, PATIENCE_MS);

  it('believes an answer for 30 seconds, and no longer', async () => {
    const { access_token } = await tokensOf(stage.server, app);
    expect((await show(GATEWAY, access_token)).status).toBe(200);
    await post(stage.server, '/revoke', { token: access_token }, app);
    clock.set(nowMs + 29_000);
    expect((await show(GATEWAY, access_token)).status).toBe(200);
    clock.set(nowMs + 31_000);
    expect(await show(GATEWAY, access_token)).toEqual(INVALID);
    clock.set(nowMs);
  });

  it('believes no answer past the end of its token', async () => {
    const { access_token, expires_in } = await tokensOf(stage.server, app);
    const endMs = nowMs + expires_in * 1000;
    const before = await asked();
    for (const beforeMs of [20_000, 5_000]) {
      clock.set(endMs - beforeMs);
      expect((await show(GATEWAY, access_token)).status).toBe(200);
    }
    clock.set(endMs + 6_000);
    expect(await show(GATEWAY, access_token)).toEqual(INVALID);
    // By the answer that it kept.
    expect((await asked()) - before).toBe(1);
    clock.set(nowMs);
  });

  it('lets nobody through while /introspect does not answer, or says no to the gateway', async () => {
    const [first, second] = [await tokensOf(stage.server, app), await tokensOf(stage.server, app)];
    const { client_id } = JSON.parse(readFileSync(join(stage.directory, 'api-client.json'), 'utf8'));
    await stage.run(`npx gatehouse client disable ${client_id}`);
    expect((await show(GATEWAY, first.access_token)).status).toBe(503);
    await stage.run(`npx gatehouse client enable ${client_id}`);
    expect((await show(GATEWAY, first.access_token)).status).toBe(200);
    await stage.server.stop();
    expect((await show(GATEWAY, second.access_token)).status).toBe(503);
  });
});
