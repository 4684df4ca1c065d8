/** What is kept of a sign-in that lacks a factor, on both engines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import type { Database } from '../../src/storage/database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import {
  deleteSurplusPendingSignIns,
  findPendingSignIn,
  insertPendingSignIn,
  takePendingSignIn,
} from '../../src/storage/tables/pending-sign-ins.ts';
import { insertUser, raiseSessionEpoch, setUserDisabled } from '../../src/storage/tables/users.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
let directory: string;
let postgres: TestPostgres;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-pending-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe.each(['sqlite', 'postgres'])('%s', (engine) => {
  let db: Database;
  beforeAll(async () => {
    db = openDatabase(engine === 'sqlite' ? `sqlite:${join(directory, 'gatehouse.db')}` : postgres.url);
    await migrate(db, migrations, systemClock);
  });
  afterAll(() => db.close());

  async function user(sub: string): Promise<void> {
    const names = { username: sub, username_key: sub, email: null, email_key: null };
    const times = { created_at: 1, updated_at: 1, disabled_at: null };
    await db.write((tx) => insertUser(tx, { sub, ...names, claims: '{}', ...times }));
  }
  const begin = (sub: string, pending_key: string) =>
    db.write((tx) =>
      insertPendingSignIn(tx, { pending_key, sub, amr: '["pwd"]', lacks: '["code"]', expires_at: 100 }),
    );
  const take = (key: string, nowMs = 1) => db.write((tx) => takePendingSignIn(tx, key, nowMs));

  it('is taken once, of many who try at once', async () => {
    await user('ann');
    expect(await begin('ann', 'a')).toBe(true);
    expect(await findPendingSignIn(db, 'a', 99)).toMatchObject({ sub: 'ann', lacks: '["code"]' });
    const taken = await Promise.all(Array.from({ length: 8 }, () => take('a')));
    expect(taken.filter((row) => row !== undefined)).toEqual([
      { pending_key: 'a', sub: 'ann', amr: '["pwd"]', lacks: '["code"]', epoch: 0, expires_at: 100 },
    ]);
  });

  it('is over at its end, in another epoch of its user, and while its user may not act', async () => {
    await user('bea');
    await begin('bea', 'b');
    expect(await findPendingSignIn(db, 'b', 100)).toBeUndefined();
    expect(await take('b', 100)).toBeUndefined();
    await db.write((tx) => setUserDisabled(tx, 'bea', 1));
    expect(await take('b')).toBeUndefined();
    expect(await begin('bea', 'c')).toBe(false);
    await db.write((tx) => setUserDisabled(tx, 'bea', null));
    await db.write((tx) => raiseSessionEpoch(tx, 'bea'));
    expect(await take('b')).toBeUndefined();
    expect(await begin('nobody', 'd')).toBe(false);
  });

  it('is bounded per user: the newest are kept, and so is the one that is named', async () => {
    await user('cleo');
    await user('dora');
    for (const key of ['e1', 'e2', 'e3', 'e4']) await begin('cleo', key);
    await begin('dora', 'e0');
    await db.write((tx) => deleteSurplusPendingSignIns(tx, { sub: 'cleo', pending_key: 'e1' }, 2));
    const left = await db.all<{ pending_key: string }>(
      `SELECT pending_key FROM pending_sign_ins WHERE sub IN ('cleo', 'dora') ORDER BY pending_key`,
    );
    expect(left.map(({ pending_key }) => pending_key)).toEqual(['e0', 'e1', 'e4']);
  });
});
