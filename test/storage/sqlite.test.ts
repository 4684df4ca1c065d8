import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import type { Database, Tx } from '../../src/storage/database.ts';
import { migrate, pendingMigrations, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { refuseDamagedFile } from '../../src/storage/sqlite/file-checks.ts';
import { pin } from '../../src/storage/sqlite/objects-kept-from-garbage-collection.ts';
import { claimDatabaseFile, OWN_FILE_ADVICE } from '../../src/storage/sqlite/server-lock.ts';
import { StorageRefusedError, StorageUnavailableError } from '../../src/storage/storage-errors.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const PAGE_BYTES = 4096;
let directory: string;
let file: string;
let db: Database;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-storage-'));
  file = join(directory, 'gatehouse.db');
  db = openDatabase(`sqlite:${file}`);
  await migrate(db, migrations, systemClock);
});
afterEach(async () => {
  await db.close();
  rmSync(directory, { recursive: true, force: true });
});

const count = async () =>
  Number((await db.get<{ n: number }>('SELECT count(*) AS n FROM revoked_tokens'))?.n);
const insert = (jti: string) =>
  db.write((tx) => tx.run('INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2)', jti, 1));

const putRow = (tx: Tx, log_key: string, events: string) =>
  tx.run(
    `INSERT INTO audit_log (log_key, events) VALUES ($1, $2)
     ON CONFLICT (log_key) DO UPDATE SET events = excluded.events`,
    log_key,
    events,
  );

it('every open runs with WAL, foreign keys, a busy timeout of at most 100 ms, and a flush before each answer', async () => {
  const second = openDatabase(`sqlite:${file}`);
  for (const one of [db, second]) {
    const { settings } = await one.inspect();
    expect(settings).toMatchObject({ journal_mode: 'wal', synchronous: 1, foreign_keys: 1 });
    expect(Number(settings.busy_timeout_ms)).toBeLessThanOrEqual(100);
  }
  await second.close();
  expect(statSync(file).mode & 0o077).toBe(0);
});

it('a reader sees what a write committed, and nothing that it has not committed', async () => {
  await insert('before');
  let [during, undone] = [0, 0];
  await db.write(async (tx) => {
    await tx.run(`DELETE FROM revoked_tokens`);
    during = await count();
  });
  expect(during).toBe(1);
  expect(await count()).toBe(0);
  const failing = db.write(async (tx) => {
    await tx.run(`INSERT INTO revoked_tokens (jti, expires_at) VALUES ('undone', 1)`);
    undone = await count();
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect([undone, await count()]).toEqual([0, 0]);
});

it('a turn that reads and writes in any order sees each of its commits', async () => {
  const seen: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async (_unused, n) => {
      await count();
      await insert(`jti ${n}`);
      seen.push(await count());
    }),
  );
  expect(seen.every((number) => number >= 1)).toBe(true);
  expect(await count()).toBe(20);
});

it('writes that wait together commit together, and one that fails rolls back alone', async () => {
  const outcomes = await Promise.allSettled([
    insert('a'),
    db.write(async (tx) => {
      await tx.run('INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2)', 'lost', 1);
      throw new Error('on purpose');
    }),
    insert('b'),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await count()).toBe(2);
});

it('the write-ahead log is restarted although a read is always under way', async () => {
  const payload = 'x'.repeat(12_000);
  const read = () => db.get('SELECT count(*) AS n FROM revoked_tokens');
  for (let round = 0; round < 1500; round += 1) {
    await Promise.all([read(), db.write((tx) => putRow(tx, `row ${round % 10}`, payload)), read()]);
  }
  expect(statSync(`${file}-wal`).size).toBeLessThan(12 * 1024 * 1024);
});

it('nothing is answered before it is committed, and nothing uncommitted is read', async () => {
  let during = -1;
  await db.write(async (tx) => {
    await tx.run('INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2)', 'x', 1);
    during = await count();
  });
  expect(during).toBe(0);
  expect(await count()).toBe(1);
});

it('a write that is asked for in the answer to a write is not forgotten', async () => {
  for (let round = 0; round < 20; round += 1) await insert(`round-${round}`);
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => insert(`p-${index}`).then(() => insert(`q-${index}`))),
  );
  expect(await count()).toBe(120);
});

it('K4 a foreign lock is waited for a moment and then answered as unavailable, while reads go on', async () => {
  const foreign = pin(new SqliteDatabase(file));
  foreign.exec('BEGIN IMMEDIATE');
  const write = insert('late');
  expect(await count()).toBe(0);
  await expect(write).rejects.toBeInstanceOf(StorageUnavailableError);
  foreign.exec('ROLLBACK');
  foreign.close();
  await insert('later');
  expect(await count()).toBe(1);
});

it('migrations are applied once, and a changed or unknown one is refused', async () => {
  expect(await migrate(db, migrations, systemClock)).toEqual([]);
  const [first] = migrations;
  if (!first) throw new Error('no migrations');
  await expect(pendingMigrations(db, [{ ...first, checksum: 'other' }])).rejects.toBeInstanceOf(
    StorageRefusedError,
  );
  await expect(pendingMigrations(db, [])).rejects.toBeInstanceOf(StorageRefusedError);
});

it('a migration that fails leaves nothing behind', async () => {
  const broken = {
    name: '0099_broken.sql',
    checksum: 'x',
    sql: 'CREATE TABLE half (a TEXT); CREATE TABLE half (b TEXT);',
  };
  await expect(migrate(db, [...migrations, broken], systemClock)).rejects.toThrow();
  await expect(db.get('SELECT * FROM half')).rejects.toThrow(/no such table/);
});

it('a file that is no database is refused in plain words, and not replaced', () => {
  const other = join(directory, 'other.db');
  writeFileSync(other, 'this is a letter to somebody, and no database at all. '.repeat(100));
  const before = readFileSync(other, 'utf8');
  expect(() => openDatabase(`sqlite:${other}`)).toThrow(/not a usable SQLite database/);
  expect(readFileSync(other, 'utf8')).toBe(before);
  expect(() => openDatabase(`sqlite:${directory}/missing/x.db`)).toThrow();
});

it('a second server on the file is refused, and a killed one leaves the place free', () => {
  const claim = claimDatabaseFile(file, OWN_FILE_ADVICE);
  expect(() => claimDatabaseFile(file, OWN_FILE_ADVICE)).toThrow(/another Gatehouse server already uses/);
  claim.release();
  const program = `import('${new URL('../../src/storage/sqlite/server-lock.ts', import.meta.url)}').then((m) => { m.claimDatabaseFile('${file}', m.OWN_FILE_ADVICE); process.kill(process.pid, 'SIGKILL'); })`;
  const killed = spawnSync(process.execPath, ['--import', 'tsx', '-e', program]);
  expect(killed.signal).toBe('SIGKILL');
  claimDatabaseFile(file, OWN_FILE_ADVICE).release();
});

it('check finds nothing wrong with a good database and says what is wrong with a damaged one', async () => {
  expect((await db.inspect()).findings).toEqual([]);
  for (let index = 0; index < 300; index += 1) await insert(`row-${index}-${'x'.repeat(100)}`);
  const damaged = join(directory, 'damaged.db');
  pin(new SqliteDatabase(file)).exec('PRAGMA wal_checkpoint(TRUNCATE)');
  copyFileSync(file, damaged);
  const bytes = readFileSync(damaged);
  bytes.fill(0x5a, bytes.length - 8192, bytes.length - 4096);
  writeFileSync(damaged, bytes);
  const broken = openDatabase(`sqlite:${damaged}`);
  expect((await broken.inspect()).findings.length).toBeGreaterThan(0);
  await broken.close();
});

it('whichever page is damaged, a start is refused by a sentence with the command that mends it', () => {
  pin(new SqliteDatabase(file)).exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const good = readFileSync(file);
  const damaged = join(directory, 'damaged.db');
  const said = Array.from({ length: good.length / PAGE_BYTES }, (_, page) => {
    writeFileSync(damaged, Buffer.from(good).fill(0x5a, page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
    return refusalOf(() => refuseDamagedFile(damaged));
  });
  expect(said.filter((sentence) => sentence !== '').length).toBeGreaterThan(0.9 * said.length);
  for (const [page, sentence] of said.entries())
    expect(sentence, `page ${page}`).toMatch(
      /^$|(is damaged|is not a usable SQLite database) \(.+estore a backup: gatehouse database restore FILE/,
    );
});

/** '' where it is not refused. */
function refusalOf(act: () => void): string {
  try {
    act();
    return '';
  } catch (error) {
    return error instanceof StorageRefusedError ? error.message : String((error as Error).stack);
  }
}
