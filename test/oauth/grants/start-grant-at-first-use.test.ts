/** The first use of a grant: how long it lives from then on. RFC 6749 §4.1.2, §6 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findGrant } from '../../../src/storage/tables/grants.ts';
import {
  authorize,
  confidentialClient,
  lastReason,
  publicClient,
  type Registered,
  redeem,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const REFRESH_SECONDS = 5000;
const TOKEN_SECONDS = 300;
const CODE_SECONDS = 60;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    environment: {
      GATEHOUSE_REFRESH_TOKEN_ABSOLUTE_SECONDS: String(REFRESH_SECONDS),
      GATEHOUSE_REFRESH_TOKEN_IDLE_SECONDS: String(REFRESH_SECONDS),
      GATEHOUSE_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS),
      GATEHOUSE_CODE_SECONDS: String(CODE_SECONDS),
    },
  });
  await server.user();
});
afterAll(() => server.stop());

async function grantOf(app: Registered, scope: string): Promise<{ seconds: number; confirmation: unknown }> {
  await redeem(server, app, await authorize(server, app.client, { more: { scope, prompt: 'consent' } }));
  const row = await server.gatehouse.db.get<{ ms: number; confirmation: string | null }>(
    'SELECT expires_at - created_at AS ms, confirmation FROM grants WHERE client_id = $1 ORDER BY grant_id DESC LIMIT 1',
    app.client.client_id,
  );
  return { seconds: Number(row?.ms) / 1000, confirmation: row?.confirmation };
}

it.each([
  ['public', publicClient],
  ['confidential', confidentialClient],
] as const)(
  'a grant of a %s client with refresh tokens lives for as long as they may',
  async (_kind, make) => {
    const scope = 'openid offline_access';
    const app = await make(server, { scope });
    expect(await grantOf(app, scope)).toEqual({ seconds: REFRESH_SECONDS, confirmation: null });
  },
);

it('a grant without refresh tokens lives for as long as its code and its access token may', async () => {
  const app = await publicClient(server, { grant_types: ['authorization_code'] });
  expect(await grantOf(app, 'openid')).toEqual({
    seconds: CODE_SECONDS + TOKEN_SECONDS,
    confirmation: null,
  });
});

describe('the first use of a grant that is over', () => {
  const EXPIRED = 'UPDATE grants SET expires_at = $2 WHERE grant_id = $1';
  const REVOKED = 'UPDATE grants SET revoked_at = $2 WHERE grant_id = $1';

  it.each([
    ['has expired', EXPIRED, 'grant_expired'],
    ['was revoked', REVOKED, 'grant_revoked'],
  ])('is refused where it %s, and gives it no lifetime', async (_how, sql, reason) => {
    const { gatehouse } = server;
    const app = await publicClient(server);
    const authorized = await authorize(server, app.client);
    const grantId = authorized.code.split('.')[0] ?? '';
    await gatehouse.db.write((tx) => tx.run(sql, grantId, server.clock.nowMs()));
    const before = await findGrant(gatehouse.db, grantId);
    const answer = await redeem(server, app, authorized);
    expect([answer.status, answer.body.error, await lastReason(server)]).toEqual([
      400,
      'invalid_grant',
      reason,
    ]);
    expect(await findGrant(gatehouse.db, grantId)).toEqual(before);
    const row = await gatehouse.db.get('SELECT 1 AS one FROM one_time WHERE grant_id = $1', grantId);
    expect(row, 'the code is not spent').toBeDefined();
  });
});
