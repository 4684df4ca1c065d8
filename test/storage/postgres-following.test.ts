/** What openPostgres does beyond the contract that both engines keep. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import type { Database } from '../../src/storage/database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { isPostgresVersion } from '../../src/storage/postgres/inspect-server.ts';
import { raiseRevision, readInstallationState } from '../../src/storage/revision-and-restore-times.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { openWire, type Wire } from '../support/wire.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const TOLD_WITHIN_MS = 1000;

let postgres: TestPostgres;
let wire: Wire;
let near: Database;
let far: Database;
let opened: Database[] = [];

function open(url: string): Database {
  const db = openDatabase(url, { timeLimited: true });
  opened.push(db);
  return db;
}

beforeAll(async () => {
  postgres = await startPostgres();
  const url = new URL(postgres.url);
  wire = await openWire({ host: url.hostname, port: Number(url.port) });
});
afterAll(async () => {
  await wire.close();
  await postgres.stop();
});
afterEach(async () => {
  await Promise.all(opened.map((db) => db.close()));
  opened = [];
});

it('several nodes that start at once on an empty database apply each migration once', async () => {
  const nodes = Array.from({ length: 4 }, () => open(postgres.url));
  const applied = await Promise.all(nodes.map((node) => migrate(node, migrations, systemClock)));
  expect(applied.flat().length).toBeGreaterThanOrEqual(migrations.length);
  const rows = await nodes[0]?.all<{ name: string }>('SELECT name FROM migrations ORDER BY name');
  expect(rows?.map((row) => row.name)).toEqual(migrations.map((migration) => migration.name));
});

it('a migration that another process is still applying, or stopped in, keeps a node from starting', async () => {
  const db = open(postgres.url);
  const last = migrations.at(-1)?.name ?? '';
  const applied = await db.get<{ checksum: string }>('SELECT checksum FROM migrations WHERE name = $1', last);
  const mark = (checksum: string) =>
    db.write((tx) => tx.run('UPDATE migrations SET checksum = $2 WHERE name = $1', last, checksum));
  await mark('being applied');
  await expect(migrate(db, migrations, systemClock)).rejects.toThrow(/is being applied by another process/);
  await mark(applied?.checksum ?? '');
  expect(await migrate(db, migrations, systemClock)).toEqual([]);
});

it('a statement that a migration of another node changed below is prepared again', async () => {
  const [one, other] = [open(postgres.url), open(postgres.url)];
  await one.write((tx) => tx.run('CREATE TABLE widening (a BIGINT)'));
  await one.write((tx) => tx.run('INSERT INTO widening (a) VALUES (1)'));
  const ask = 'SELECT * FROM widening';
  await Promise.all(Array.from({ length: 8 }, () => one.get(ask)));
  await one.write((tx) => tx.get(ask));
  await other.write((tx) => tx.run('ALTER TABLE widening ADD COLUMN b BIGINT'));
  const rows = await Promise.all(Array.from({ length: 16 }, () => one.get(ask)));
  expect(rows).toEqual(Array.from({ length: 16 }, () => ({ a: 1, b: null })));
  expect(await one.write((tx) => tx.get(ask))).toEqual({ a: 1, b: null });
});

it('a transaction whose failed statement was passed over is not taken for committed', async () => {
  const db = open(postgres.url);
  const written = db.write(async (tx) => {
    await raiseRevision(tx);
    await tx.run('SELECT 1 / 0').catch(() => {});
    return 'done';
  });
  await expect(written).rejects.toThrow('passed over');
});

it('the number of connections is in the URL, and refused where it is none', async () => {
  expect(() => openDatabase(`${postgres.url}?pool_size=many`)).toThrow(/pool_size/);
  const db = open(`${postgres.url}?pool_size=3`);
  await Promise.all(Array.from({ length: 30 }, () => db.get('SELECT pg_sleep(0.02)')));
  const row = await db.get<{ n: number }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'gatehouse'`,
  );
  expect(row?.n).toBe(3);
});

it('only PostgreSQL itself is asked for advisory locks and NOTIFY', () => {
  expect(isPostgresVersion('PostgreSQL 18.1 on x86_64-pc-linux-gnu')).toBe(true);
  expect(isPostgresVersion('PostgreSQL 15.2-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu')).toBe(false);
  expect(isPostgresVersion('CockroachDB CCL v25.1.0 (x86_64-pc-linux-gnu)')).toBe(false);
});

describe('following the revision', () => {
  /** What `db` was told last; undefined where it has to ask. */
  function following(db: Database): { revision(): number | undefined } {
    let last: number | undefined;
    db.follow?.(readInstallationState, (state) => {
      last = state?.revision;
    });
    return { revision: () => last };
  }
  const change = async (db: Database) => {
    await db.write(raiseRevision);
    return (await readInstallationState(db)).revision;
  };

  it('every other node is notified of a change within a second, and the node that wrote it before the write resolves', async () => {
    near = open(postgres.url);
    far = open(postgres.url);
    const [atNear, atFar] = [following(near), following(far)];
    await vi.waitUntil(() => atNear.revision() !== undefined && atFar.revision() !== undefined);
    for (let round = 0; round < 20; round += 1) {
      const before = atNear.revision();
      await near.write(raiseRevision);
      expect(atNear.revision()).not.toBe(before);
      const { revision } = await readInstallationState(near);
      await vi.waitUntil(() => atFar.revision() === revision && atNear.revision() === revision, {
        timeout: TOLD_WITHIN_MS,
        interval: 5,
      });
    }
  });

  it('no node is notified of a change that was rolled back', async () => {
    near = open(postgres.url);
    const told: unknown[] = [];
    near.follow?.(readInstallationState, (state) => void told.push(state?.revision));
    await vi.waitUntil(() => told.length >= 2);
    const before = await readInstallationState(near);
    await expect(
      near.write(async (tx) => {
        await raiseRevision(tx);
        throw new Error('on purpose');
      }),
    ).rejects.toThrow('on purpose');
    const seen = told.length;
    await vi.waitUntil(() => told.length >= seen + 2);
    expect(new Set(told)).toEqual(new Set([before.revision]));
  });

  it('a node whose wire falls silent asks within a second, and follows again when it is mended', async () => {
    const url = new URL(postgres.url);
    url.hostname = '127.0.0.1';
    url.port = String(wire.port);
    [near, far] = [open(postgres.url), open(url.href)];
    const atFar = following(far);
    await vi.waitUntil(() => atFar.revision() !== undefined);
    wire.silence();
    await vi.waitUntil(() => atFar.revision() === undefined, { timeout: TOLD_WITHIN_MS, interval: 5 });
    const revision = await change(near);
    wire.mend();
    await vi.waitUntil(() => atFar.revision() === revision, { timeout: 10_000 });
  });

  it('a restart of the server is survived', async () => {
    near = open(postgres.url);
    const atNear = following(near);
    await vi.waitUntil(() => atNear.revision() !== undefined);
    await postgres.restart();
    await vi.waitUntil(() => atNear.revision() !== undefined, { timeout: 10_000 });
    const revision = await change(near);
    await vi.waitUntil(() => atNear.revision() === revision, { timeout: TOLD_WITHIN_MS, interval: 5 });
  });
});
