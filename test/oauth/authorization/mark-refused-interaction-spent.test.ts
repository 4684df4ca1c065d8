import { afterAll, beforeAll, expect, it } from 'vitest';
import { NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { readInteraction, storeInteraction } from '../../../src/oauth/authorization/interaction.ts';
import { spendInteraction } from '../../../src/oauth/authorization/mark-refused-interaction-spent.ts';
import { type AccountRequest, account } from '../../../src/oauth/authorization/purposes/account.ts';
import { completeInteraction, findInteraction } from '../../../src/storage/tables/interactions.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { source } from './signed-in.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
});
afterAll(() => server.stop());

it('an interaction that was finished can never be completed again', async () => {
  const { gatehouse, clock } = server;
  const request: AccountRequest = { path: '/account', asked: NOTHING_ASKED };
  const wanted = { purpose: account, request, client: undefined };
  const [id, other] = [
    await storeInteraction(gatehouse, wanted, { browser: 'b', source }),
    await storeInteraction(gatehouse, wanted, { browser: 'b', source }),
  ];
  const finishedAt = clock.nowMs();
  await spendInteraction(gatehouse, id);
  await expect(readInteraction(gatehouse, id, 'b')).rejects.toMatchObject({
    reason: 'interaction_completed',
  });
  expect((await readInteraction(gatehouse, other, 'b')).row.interaction_id).toBe(other);
  expect(await gatehouse.db.write((tx) => completeInteraction(tx, id, clock.nowMs()))).toBe(false);
  clock.advance(1000);
  await spendInteraction(gatehouse, id);
  expect((await findInteraction(gatehouse.db, id))?.completed_at).toBe(finishedAt);
  await spendInteraction(gatehouse, 'unknown');
});
