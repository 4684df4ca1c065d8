import { afterAll, beforeAll, expect, it } from 'vitest';
import { missRate } from '../../../src/oauth/requests/introspection.ts';
import { auditEvents, post, type Registered } from '../../support/flow.ts';
import { many, toldOf } from '../../support/refusals.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let api: Registered;
let other: Registered;
let active: string;

beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  api = await server.client({ grant_types: ['client_credentials'] });
  other = await server.client({ grant_types: ['client_credentials'] });
  active = (await post(server, '/token', { grant_type: 'client_credentials' }, api)).body.access_token;
});
afterAll(() => server.stop());

const ask = (token: string, as = api) => post(server, '/introspect', { token }, as);
const isMiss = ({ type }: { type: string }) => type === 'introspection.refused';

it('misses of one minute are one row per caller, with the reasons counted separately', async () => {
  const foreign = (await post(server, '/token', { grant_type: 'client_credentials' }, other)).body;
  await many(40, (index) => ask(index % 4 === 0 ? foreign.access_token : 'nonsense'));
  const events = (await auditEvents(server)).filter(isMiss);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    client_id: api.client.client_id,
    details: { times: 40, token_not_active: 30, token_not_visible: 10 },
  });
});

it('misses above a rate get 429 with Retry-After, an active token is always answered', async () => {
  server.clock.advance(60_000);
  const before = await toldOf(server, isMiss);
  // What is left of them, as if the others had come.
  for (let taken = 50; taken < missRate.atOnce; taken += 1)
    server.gatehouse.introspectionMisses.take(api.client.client_id);
  const answers = await many(80, () => ask('nonsense'));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
  const shed = answers.filter(({ status }) => status === 429);
  expect(shed).toHaveLength(30);
  expect(Number(shed[0]?.headers.get('retry-after'))).toBe(1);
  const actives = await many(50, () => ask(active));
  expect(actives.every(({ status, body }) => status === 200 && body.active)).toBe(true);
  expect((await ask('nonsense', other)).body).toEqual({ active: false });
  const after = await toldOf(server, isMiss);
  expect({ rows: after.rows - before.rows, times: after.times - before.times }).toEqual({
    rows: 2,
    times: 81,
  });
  server.clock.advance(1000);
  expect((await many(120, () => ask('nonsense'))).filter(({ status }) => status === 200)).toHaveLength(100);
});
