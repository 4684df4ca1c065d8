/** Used client assertions, where the database that a restore replaces is from before they had a table of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import { carryOver } from '../../src/storage/backup/carry-over-from-replaced-database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const before = migrations.filter(({ name }) => name < '0033');
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-jtis-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A database of one installation, as these migrations leave it. */
async function make(name: string, applied: typeof migrations, ...more: string[]): Promise<string> {
  const file = join(directory, name);
  const db = openDatabase(`sqlite:${file}`);
  await migrate(db, applied, systemClock);
  await db.write(async (tx) => {
    for (const sql of [`UPDATE revisions SET house_id = 'one'`, ...more]) await tx.run(sql);
  });
  await db.close();
  return file;
}

it.each([true, false])(
  'A043 stay used, whether or not the operator brings back what was taken away: %s',
  async (bringBack) => {
    const note = `INSERT INTO one_time (kind, value_key, payload, expires_at) VALUES ('jti', 'since', '', 9)`;
    const since = await make('since.db', before, note);
    const backup = await make('backup.db', migrations, `INSERT INTO spent_jtis VALUES ('before', 9)`);
    carryOver(since, backup, { nowMs: 3, bringBack });
    const db = openDatabase(`sqlite:${backup}`);
    const known = await db.all('SELECT jti_key, expires_at FROM spent_jtis ORDER BY jti_key');
    await db.close();
    expect(known).toEqual([
      { jti_key: 'before', expires_at: 9 },
      { jti_key: 'since', expires_at: 9 },
    ]);
  },
);
