import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAudit } from '../../src/audit/write-in-transaction-or-batch.ts';
import { type IdentityFixture, openIdentity, sourceAt } from '../identity/identity-only.ts';

let identity: IdentityFixture;
beforeEach(async () => {
  identity = await openIdentity();
});
afterEach(() => identity.close());

const refusal = {
  type: 'userinfo.refused',
  reason: 'token_not_active',
  source: sourceAt('192.0.2.1'),
} as const;

const written = async () => (await identity.events('userinfo.refused')).length;

it('counts are written when their minute is over, even if no further refusal occurs', async () => {
  vi.useFakeTimers();
  try {
    for (let index = 0; index < 100; index += 1) identity.audit.refused(refusal);
    await vi.advanceTimersByTimeAsync(61_000);
  } finally {
    vi.useRealTimers();
  }
  await vi.waitUntil(async () => (await written()) === 11, { timeout: 10_000 });
});

it('counts are written when the audit is closed', async () => {
  for (let index = 0; index < 5000; index += 1) identity.audit.refused(refusal);
  await identity.audit.close();
  expect(await written()).toBe(11);
});

it('events that occur while the database is unavailable are written when it is available again', async () => {
  let isAway = true;
  const db: IdentityFixture['db'] = {
    ...identity.db,
    write: (body) => (isAway ? Promise.reject(new Error('away')) : identity.db.write(body)),
  };
  const audit = createAudit({ ...identity, db, count() {} });
  for (let index = 0; index < 2000; index += 1) audit.refused(refusal);
  await audit.flush();
  expect(await written()).toBe(0);
  isAway = false;
  await vi.waitUntil(async () => (await written()) === 11, { timeout: 20_000 });
  await audit.close();
});
