/** A table: what becomes of its rows, once it is declared. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOUR_MS } from '../../../src/lib/durations.ts';
import type { Database } from '../../../src/storage/database.ts';
import { type LifeCycle, type LifeCycleOf, OFTEN_MS } from '../../../src/storage/life-cycle.ts';
import { dependentsFirst, lifeCycles } from '../../../src/storage/restore-and-cleanup-rules/index.ts';
import type { TestServer } from '../../support/server.ts';

interface ToyRow {
  readonly toy_id: string;
  readonly sub: string;
  readonly expires_at: number;
}

const toys: LifeCycleOf<ToyRow> = {
  table: 'toys',
  columns: { toy_id: 'key', sub: 'same', expires_at: 'backup' },
  dependsOn: { sub: { table: 'users', ends: 'pieces' } },
  cleanUp: [{ key: 'toy_id', due: 'expires_at < $1', agoMs: HOUR_MS, everyMs: OFTEN_MS }],
  restore: { keeps: { rows: 'true', known: 'IGNORE' } },
  personal: [{ what: 'the toys of a person', kept: 'an hour after their end' }],
  orphans: [
    {
      sentence: 'toys are of nobody',
      sql: 'SELECT count(*) AS n FROM toys WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.sub = toys.sub)',
    },
  ],
};

const CREATE = 'CREATE TABLE toys (toy_id TEXT PRIMARY KEY, sub TEXT NOT NULL, expires_at BIGINT NOT NULL)';

let server: TestServer;
let db: Database;
beforeAll(async () => {
  (lifeCycles as LifeCycle[]).push(toys);
  // The same table, the other way round.
  (dependentsFirst as LifeCycle[]).unshift(toys);
  // What reads the table when it is loaded is loaded below.
  const { startServer } = await import('../../support/server.ts');
  server = await startServer();
  db = server.gatehouse.db;
  await db.write((tx) => tx.run(CREATE));
});
afterAll(() => server.stop());

const put = (toy_id: string, sub: string, expires_at: number) =>
  db.write((tx) => tx.run('INSERT INTO toys VALUES ($1, $2, $3)', toy_id, sub, expires_at));
const left = async () =>
  (await db.all<ToyRow>('SELECT * FROM toys ORDER BY toy_id')).map(({ toy_id }) => toy_id);

it('clean-up deletes expired rows', async () => {
  const { createCleanUp } = await import('../../../src/storage/cleanup.ts');
  const { sub } = await server.user('tilda');
  const nowMs = server.clock.nowMs();
  await put('old', sub, nowMs - 2 * HOUR_MS);
  await put('young', sub, nowMs);
  const settings = { audit_days: 0, personal_data_days: 0 };
  await createCleanUp({ db, clock: server.clock, settings }).run();
  expect(await left()).toEqual(['young']);
});

it("deleting a user deletes the user's rows", async () => {
  const { finishRemovals, removeUser } = await import('../../../src/identity/users/user-removal.ts');
  const { sub } = await server.user('toby');
  await put('of-toby', sub, server.clock.nowMs());
  await removeUser(server.gatehouse, sub);
  await finishRemovals(server.gatehouse);
  expect(await left()).toEqual(['young']);
});

it('database check finds a row whose user does not exist', async () => {
  const { findOrphans } = await import('../../../src/storage/find-orphans.ts');
  expect(await findOrphans(db, server.clock.nowMs())).toEqual([]);
  await put('of-nobody', 'nobody', server.clock.nowMs());
  expect(await findOrphans(db, server.clock.nowMs())).toEqual(['1 toys are of nobody']);
});

it('the page of personal data has its row', async () => {
  const { rowsOf } = await import('../../documents/reference/personal-data.ts');
  const [what, kept] = ['the toys of a person', 'an hour after their end'];
  expect(rowsOf([toys, { ...toys, table: 'lent_toys' }])).toEqual([[what, '`toys`, `lent_toys`', kept]]);
  const differing = { table: 'lent_toys', personal: [{ what, kept: 'for ever' }] };
  expect(() => rowsOf([toys, differing])).toThrow('is kept for two times');
});

it('a copy has its rows, and a restore keeps those written since', async () => {
  const { copyDatabase } = await import('../../../src/storage/backup/copy.ts');
  const { openDatabase } = await import('../../../src/storage/open-database-by-url.ts');
  const { migrate, readMigrations } = await import('../../../src/storage/migrate.ts');
  const migrations = readMigrations(new URL('../../../migrations/', import.meta.url));
  const file = join(server.directory, 'copy.db');
  const copy = openDatabase(`sqlite:${file}`);
  await migrate(copy, migrations, server.clock);
  await copy.write((tx) => tx.run(CREATE));
  expect(await copyDatabase(db, copy, migrations)).toMatchObject({ toys: 2 });
  await copy.close();
  await put('since', 'nobody', server.clock.nowMs());
  const { carryOver } = await import('../../../src/storage/backup/carry-over-from-replaced-database.ts');
  const replaced = join(server.directory, 'gatehouse.db');
  carryOver(replaced, file, { nowMs: server.clock.nowMs(), bringBack: true });
  const restored = openDatabase(`sqlite:${file}`);
  expect(await restored.all('SELECT toy_id FROM toys ORDER BY toy_id')).toEqual([
    { toy_id: 'of-nobody' },
    { toy_id: 'since' },
    { toy_id: 'young' },
  ]);
  await restored.close();
  rmSync(file);
});
