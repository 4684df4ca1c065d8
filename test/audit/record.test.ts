import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAudit } from '../../src/audit/record.ts';
import { openRoom, type Room, sourceAt } from '../identity/room.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const refusal = {
  type: 'userinfo.refused',
  reason: 'token_not_active',
  source: sourceAt('192.0.2.1'),
} as const;

const written = async () => (await room.events('userinfo.refused')).length;

it('what was counted is written when its minute is over, though nothing more comes', async () => {
  vi.useFakeTimers();
  try {
    for (let index = 0; index < 100; index += 1) room.audit.refused(refusal);
    await vi.advanceTimersByTimeAsync(61_000);
  } finally {
    vi.useRealTimers();
  }
  await vi.waitUntil(async () => (await written()) === 11, { timeout: 10_000 });
});

it('a stop loses no count', async () => {
  for (let index = 0; index < 5000; index += 1) room.audit.refused(refusal);
  await room.audit.close();
  expect(await written()).toBe(11);
});

it('while the database is away nothing is lost, and what waited is written when it is back', async () => {
  let isAway = true;
  const db: Room['db'] = {
    ...room.db,
    write: (body) => (isAway ? Promise.reject(new Error('away')) : room.db.write(body)),
  };
  const audit = createAudit({ ...room, db, count() {} });
  for (let index = 0; index < 2000; index += 1) audit.refused(refusal);
  await audit.flush();
  expect(await written()).toBe(0);
  isAway = false;
  await vi.waitUntil(async () => (await written()) === 11, { timeout: 20_000 });
  await audit.close();
});
