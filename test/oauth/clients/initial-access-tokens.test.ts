/** An initial access token lets one client register itself, in its time. RFC 7591 §3 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRefusal, refuse } from '../../../src/lib/outcome.ts';
import {
  checkInitialAccess,
  createInitialAccess,
  spendInitialAccess,
  throwIfSpent,
} from '../../../src/oauth/clients/initial-access-tokens.ts';
import { auditEvents } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'token' } });
  server.clock.hold();
});
afterAll(() => server.stop());

const reasonOf = (token: string | undefined) =>
  checkInitialAccess(server.gatehouse, token).then(
    () => 'good',
    ({ error, reason }) => `${error} ${reason}`,
  );
const spend = async (token: string) => {
  const { gatehouse } = server;
  const initial = await checkInitialAccess(gatehouse, token);
  return gatehouse.db.write((tx) => spendInitialAccess(gatehouse, tx, initial));
};

it('is good until it ends, and what is no token, or one of another kind, is not', async () => {
  const token = await createInitialAccess(server.gatehouse, 60);
  expect(await reasonOf(token)).toBe('good');
  for (const wrong of [undefined, '', 'x', `${token}x`, token.slice(1)])
    expect(await reasonOf(wrong), wrong).toBe('invalid_token wrong_initial_access_token');
  server.clock.advance(59_999);
  expect(await reasonOf(token)).toBe('good');
  server.clock.advance(1);
  expect(await reasonOf(token)).toBe('invalid_token wrong_initial_access_token');
});

it('is spent once: of those that come at once, and of those that come later, one', async () => {
  const token = await createInitialAccess(server.gatehouse, 60);
  const initial = await checkInitialAccess(server.gatehouse, token);
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () =>
      server.gatehouse.db.write((tx) => spendInitialAccess(server.gatehouse, tx, initial)),
    ),
  );
  expect(outcomes.filter((outcome) => outcome === 'provided')).toHaveLength(1);
  const [refused] = outcomes.filter((outcome) => outcome !== 'provided');
  expect(refused && isRefusal(refused) && refused.reason).toBe('wrong_initial_access_token');
  expect(await reasonOf(token)).toBe('invalid_token wrong_initial_access_token');
});

it('is not spent where it ended between being looked at and the transaction', async () => {
  const { gatehouse } = server;
  const initial = await checkInitialAccess(gatehouse, await createInitialAccess(gatehouse, 60));
  server.clock.advance(60_000);
  expect(await gatehouse.db.write((tx) => spendInitialAccess(gatehouse, tx, initial))).toMatchObject({
    reason: 'wrong_initial_access_token',
  });
});

it('is stored as a hash, and the audit has how long it is good, not what it is', async () => {
  const token = await createInitialAccess(server.gatehouse, 60);
  const rows = await server.gatehouse.db.all<object>('SELECT * FROM one_time');
  const events = await auditEvents(server);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'initial_access_token.created', details: { expires_in: 60 } }),
  );
  expect(JSON.stringify([rows, events])).not.toContain(token);
  expect(await spend(token)).toBe('provided');
});

it('where registration is open nothing is needed, and nothing spent', async () => {
  const { settings, ...others } = server.gatehouse;
  const open = { ...others, settings: { ...settings, registration: 'open' as const } };
  expect(await checkInitialAccess(open, undefined)).toBe('open');
  expect(await open.db.write((tx) => spendInitialAccess(open, tx, 'open'))).toBe('provided');
});

it('that it was spent at the same moment is told as any wrong token is, another refusal not', () => {
  const spent = refuse('conflict', 'wrong_initial_access_token', 'it was used before');
  expect(() => throwIfSpent(spent)).toThrow(expect.objectContaining({ error: 'invalid_token' }));
  expect(() => throwIfSpent(refuse('conflict', 'client_id_taken', 'it is taken'))).not.toThrow();
});
