/** A restore over a database of an earlier version: what its tables have is carried over, whichever it lacks. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import { carryOver } from '../../src/storage/backup/carry-over-from-replaced-database.ts';
import { withdrawalSteps } from '../../src/storage/backup/carry-over-sql.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { lifeCycles } from '../../src/storage/restore-and-cleanup-rules/index.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));

let directory: string;
let newest: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-older-'));
  newest = await make('newest.db', migrations.length);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A database as the first migrations leave it, of one installation: all have this user. */
async function make(name: string, count: number): Promise<string> {
  const file = join(directory, name);
  const db = openDatabase(`sqlite:${file}`);
  await migrate(db, migrations.slice(0, count), systemClock);
  await db.write((tx) =>
    tx.run(`INSERT INTO users (sub, username, username_key, claims, created_at, updated_at)
      VALUES ('tilda', 'tilda', 'tilda', '{}', 1, 1)`),
  );
  await db.close();
  return file;
}

function reportOf(since: string) {
  const backup = join(directory, 'backup.db');
  rmSync(backup, { force: true });
  copyFileSync(newest, backup);
  return carryOver(since, backup, { nowMs: 3, bringBack: false });
}

it.each(migrations.map(({ name }, index) => [name, index + 1] as const))(
  'one that ends with %s is read',
  async (name, count) => {
    expect(reportOf(await make(`${name}.db`, count))).toBeTypeOf('object');
  },
);

it('nothing is taken away of a table that it lacks, so that no statement names one that is not there', () => {
  const ofParents = lifeCycles.flatMap(({ restore }) => restore.follows ?? []);
  expect(withdrawalSteps(() => [])).toEqual(ofParents);
  expect(withdrawalSteps(() => ['sub']).length).toBeGreaterThan(ofParents.length);
});
