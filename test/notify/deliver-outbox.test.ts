import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrationsDirectory } from '../../src/gatehouse.ts';
import { createSystemRandom } from '../../src/lib/clock-and-random.ts';
import { newLabel } from '../../src/lib/time-ordered-ids-and-secrets.ts';
import type { Delivery } from '../../src/notify/channel.ts';
import { createOutbox, type Outbox } from '../../src/notify/deliver-outbox.ts';
import type { Database } from '../../src/storage/database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { insertOutbox, listOutbox } from '../../src/storage/tables/outbox.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { startPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';

const random = createSystemRandom();
const log = { debug() {}, info() {}, warn() {}, error() {} } as never;

interface Told {
  readonly to: string;
  readonly about: string;
}

/** How each destination behaves, what was delivered, and the most deliveries under way at once to each. */
function createWorld() {
  const told: Told[] = [];
  const behaviour = new Map<string, () => Promise<Delivery>>();
  const most = new Map<string, number>();
  const now = new Map<string, number>();
  return {
    told,
    behaviour,
    most,
    async deliver(payload: unknown): Promise<Delivery> {
      const { to } = payload as Told;
      now.set(to, (now.get(to) ?? 0) + 1);
      most.set(to, Math.max(most.get(to) ?? 0, now.get(to) ?? 0));
      told.push(payload as Told);
      try {
        await new Promise(setImmediate);
        return await (behaviour.get(to)?.() ?? { outcome: 'delivered' as const });
      } finally {
        now.set(to, (now.get(to) ?? 0) - 1);
      }
    },
  };
}

const never = () => new Promise<Delivery>(() => {});
const refuses = async (): Promise<Delivery> => ({ outcome: 'retry', error: 'it answered 503' });

function outboxOver(db: Database, clock: TestClock, world: ReturnType<typeof createWorld>, limitMs?: number) {
  const channels = { back_channel_logout: world, sessions_ended: world, mail: world };
  return createOutbox(
    { clock, log, db, channels },
    { polls: false, ...(limitMs !== undefined && { limitMs }) },
  );
}

async function put(db: Database, clock: TestClock, rows: readonly Told[]) {
  await db.write(async (tx) => {
    for (const { to, about } of rows) {
      await insertOutbox(tx, [
        {
          outbox_key: newLabel(clock, random),
          kind: 'back_channel_logout',
          destination: to,
          person: about,
          payload: JSON.stringify({ to, about }),
          next_at: clock.nowMs(),
        },
      ]);
    }
  });
}

const many = (count: number, row: (index: number) => Told) => Array.from({ length: count }, (_, n) => row(n));

describe('A153 a destination that does not answer', () => {
  let server: TestServer;
  let world: ReturnType<typeof createWorld>;
  let outbox: Outbox;
  let db: Database;
  let clock: TestClock;
  beforeEach(async () => {
    server = await startServer();
    // The outbox of the server itself would poll for the same rows.
    await server.gatehouse.outbox.close();
    ({ db } = server.gatehouse);
    ({ clock } = server);
    world = createWorld();
    outbox = outboxOver(db, clock, world, 500);
  });
  afterEach(async () => {
    await outbox.close();
    await server.stop();
  });
  const toldOf = (about: string) => world.told.filter((told) => told.about === about).map(({ to }) => to);

  it('delays no other destination, and each attempt ends in its time limit', async () => {
    for (let index = 0; index < 150; index += 1) world.behaviour.set(`hanging-${index}`, never);
    await put(
      db,
      clock,
      many(150, (index) => ({ to: `hanging-${index}`, about: 'mallory' })),
    );
    await outbox.flush('mallory', 1);
    await put(db, clock, [{ to: 'healthy', about: 'alice' }]);
    await outbox.flush('alice', 10_000);
    expect(toldOf('alice')).toEqual(['healthy']);
    // Each attempt at the others ended in its time limit, and the row waits for the next one.
    await outbox.deliverDue();
    const rows = await listOutbox(db);
    expect(rows).toHaveLength(150);
    expect(new Set(rows.map(({ attempts, last_error }) => `${attempts} ${last_error}`))).toEqual(
      new Set(['1 not done within 500 ms']),
    );
  });

  it('is waited for once: flush leaves destinations that failed last time to the next poll', async () => {
    world.behaviour.set('down', refuses);
    await put(db, clock, [{ to: 'down', about: 'alice' }]);
    await outbox.flush('alice', 10_000);
    expect(toldOf('alice')).toEqual(['down']);
    await put(db, clock, [{ to: 'down', about: 'bob' }]);
    await outbox.flush('bob', 10_000);
    expect(toldOf('bob')).toEqual([]);
    // The destination answers again, and is waited for again.
    world.behaviour.delete('down');
    await outbox.deliverDue();
    expect(toldOf('bob')).toEqual(['down']);
    await put(db, clock, [{ to: 'down', about: 'carol' }]);
    await outbox.flush('carol', 10_000);
    expect(toldOf('carol')).toEqual(['down']);
  });

  it('is known from its rows after a restart of the server', async () => {
    world.behaviour.set('down', refuses);
    await put(db, clock, [{ to: 'down', about: 'alice' }]);
    await outbox.deliverDue();
    clock.advance(10_001);
    await outboxOver(db, clock, world).flush('alice', 10_000);
    expect(world.told).toHaveLength(1);
  });

  it('flush delivers the rows of one person alone', async () => {
    await put(db, clock, [
      { to: 'app', about: 'alice' },
      { to: 'app', about: 'bob' },
    ]);
    await outbox.flush('alice', 10_000);
    expect(world.told).toEqual([{ to: 'app', about: 'alice' }]);
    await outbox.deliverDue();
    expect(world.told).toHaveLength(2);
  });

  it('four rows at once go to one destination, one where the last delivery failed, and all are delivered in the end', async () => {
    await put(
      db,
      clock,
      many(300, (index) => ({ to: 'busy', about: `${index}` })),
    );
    world.behaviour.set('down', refuses);
    await put(db, clock, [{ to: 'down', about: 'first' }]);
    await outbox.deliverDue();
    await put(
      db,
      clock,
      many(5, (index) => ({ to: 'down', about: `${index}` })),
    );
    world.most.delete('down');
    await outbox.deliverDue();
    expect([world.most.get('busy'), world.most.get('down')]).toEqual([4, 1]);
    expect(world.told.filter(({ to }) => to === 'busy')).toHaveLength(300);
    expect((await listOutbox(db)).map(({ destination }) => destination)).toEqual(Array(6).fill('down'));
  });

  it('does not delay the stop of the server, and rows that were not started stay', async () => {
    world.behaviour.set('hanging', never);
    await put(
      db,
      clock,
      many(10, (index) => ({ to: 'hanging', about: `${index}` })),
    );
    const delivering = outbox.deliverDue();
    while (world.told.length < 4) await new Promise(setImmediate);
    await outbox.close();
    await delivering;
    const rows = await listOutbox(db);
    expect(rows.map(({ attempts }) => attempts).sort()).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  });
});

it('several nodes over one PostgreSQL deliver each row once', async () => {
  const postgres = await startPostgres();
  const databases = [1, 2, 3].map(() => openDatabase(postgres.url, { timeLimited: true }));
  try {
    const clock = createTestClock();
    const [db] = databases as [Database];
    await migrate(db, readMigrations(migrationsDirectory), clock);
    const world = createWorld();
    await put(
      db,
      clock,
      many(300, (index) => ({ to: `app-${index % 60}`, about: `person-${index}` })),
    );
    const nodes = databases.map((each) => outboxOver(each, clock, world));
    await Promise.all(nodes.flatMap((node) => [node.deliverDue(), node.flush('person-7', 10_000)]));
    await Promise.all(nodes.map((node) => node.deliverDue()));
    expect(new Set(world.told.map(({ about }) => about)).size).toBe(300);
    expect(world.told).toHaveLength(300);
    expect(await listOutbox(db)).toEqual([]);
    await Promise.all(nodes.map((node) => node.close()));
  } finally {
    await Promise.all(databases.map((each) => each.close()));
    await postgres.stop();
  }
}, 60_000);
