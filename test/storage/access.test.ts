/** What was granted and allowed while scope, resources and claims had a column each is there as one value. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import { parseAccess, readAccess, writeAccess } from '../../src/oauth/access/stored-access.ts';
import { carryOver } from '../../src/storage/backup/carry-over-from-replaced-database.ts';
import type { Database } from '../../src/storage/database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import type { Carried } from '../../src/storage/restore-report.ts';
import { hasOfflineGrant } from '../../src/storage/tables/live-grants.ts';
import { startPostgres } from '../support/postgres.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const before = migrations.filter(({ name }) => name < '0035');

const engines = {
  async SQLite() {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-access-'));
    const stop = async () => rmSync(directory, { recursive: true, force: true });
    return { url: `sqlite:${join(directory, 'gatehouse.db')}`, stop };
  },
  PostgreSQL: startPostgres,
};

const API = 'https://api.example.com/a,"scope":[';
const BY_PLACE = '{"id_token":{"email":null},"userinfo":{"name":{"value":"offline_access, \\"A\\""}}}';

/** The three columns as they were. */
type Columns = readonly [scope: string, resources: string, claims: string | null];

const columns: Readonly<Record<string, Columns>> = {
  a: ['openid', '[]', null],
  b: ['openid offline_access email', JSON.stringify(['/userinfo', API]), BY_PLACE],
  c: ['openid offline_access_too', '[]', '{"userinfo":{"name":null}}'],
  d: ['', JSON.stringify([API]), null],
};
const consents: Readonly<Record<string, Columns>> = {
  a: ['openid', '[]', null],
  b: ['openid email', JSON.stringify([API]), '["name","phone_number"]'],
};

const added = { scope: ['email'], resources: [API], claims: ['name'] };

async function storeAsBefore(db: Database): Promise<void> {
  await db.write(async (tx) => {
    await tx.run(`INSERT INTO users (sub, username, username_key, claims, created_at, updated_at)
      VALUES ('u', 'alice', 'alice', '{}', 1, 1)`);
    for (const id of Object.keys(columns))
      await tx.run(
        `INSERT INTO clients (client_id, profile, metadata, created_at, updated_at) VALUES ($1, 'oidc', '{}', 1, 1)`,
        id,
      );
    for (const [id, values] of Object.entries(columns))
      await tx.run(
        `INSERT INTO grants (grant_id, sub, client_id, scope, resources, claims, auth_time, amr, created_at, expires_at)
         VALUES ($1, 'u', $1, $2, $3, $4, 1, '[]', 1, 9)`,
        id,
        ...values,
      );
    for (const [id, values] of Object.entries(consents))
      await tx.run(
        `INSERT INTO consents (sub, client_id, scope, resources, claims, created_at, updated_at, client_epoch)
         VALUES ('u', $1, $2, $3, $4, 1, 1, 0)`,
        id,
        ...values,
      );
    for (const [id, text] of [
      ['i', JSON.stringify({ sub: 'u', ...added })],
      ['j', null],
    ] as const)
      await tx.run(
        `INSERT INTO interactions (interaction_id, client_id, request, consent_added, created_at, expires_at)
         VALUES ($1, 'a', '{}', $2, 1, 9)`,
        id,
        text,
      );
  });
}

const jsonOf = ([scope, resources, claims]: Columns) => ({
  scope: scope.split(' ').filter((one) => one !== ''),
  resources: JSON.parse(resources),
  claims: JSON.parse(claims ?? '[]'),
});

describe.each(Object.entries(engines))('%s', (_name, start) => {
  let engine: { url: string; stop(): Promise<void> };
  let db: Database;
  beforeAll(async () => {
    engine = await start();
    db = openDatabase(engine.url);
    await migrate(db, before, systemClock);
    await storeAsBefore(db);
    await migrate(db, migrations, systemClock);
  });
  afterAll(async () => {
    await db.close();
    await engine.stop();
  });

  it.each(['grants', 'consents'])('of %s', async (table) => {
    const rows = await db.all<{ client_id: string; access: string }>(
      `SELECT client_id, access FROM ${table} ORDER BY client_id`,
    );
    const stored = table === 'grants' ? columns : consents;
    expect(rows.map(({ client_id }) => client_id)).toEqual(Object.keys(stored));
    for (const { client_id, access } of rows)
      expect(parseAccess(access)).toEqual(readAccess(jsonOf(stored[client_id] as Columns)));
  });

  it('is rewritten as the text that is stored now, so that giving the same consent again changes nothing', async () => {
    const rows = await db.all<{ access: string }>('SELECT access FROM consents');
    expect(rows.length).toBeGreaterThan(0);
    for (const { access } of rows) expect(writeAccess(parseAccess(access))).toBe(access);
  });

  it('and outlives its session where offline_access was granted, and there alone', async () => {
    const rows = await db.all('SELECT grant_id FROM grants WHERE outlives_session = 1');
    expect(rows).toEqual([{ grant_id: 'b' }]);
    expect(await hasOfflineGrant(db, 2, 'u')).toBe(true);
  });

  it('and what "Allow" added can be taken back still', async () => {
    const rows = await db.all<{ done: string }>('SELECT done FROM interactions ORDER BY interaction_id');
    expect(rows.map(({ done }) => JSON.parse(done).consent?.added)).toEqual([
      { sub: 'u', access: added },
      undefined,
    ]);
  });
});

describe('a restore over a database from before', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-access-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('asks for each consent again, as the two texts cannot be compared', async () => {
    const file = (name: string) => join(directory, name);
    for (const name of ['since.db', 'backup.db']) {
      const db = openDatabase(`sqlite:${file(name)}`);
      await migrate(db, before, systemClock);

      await storeAsBefore(db);
      if (name === 'since.db') await db.write((tx) => tx.run(`UPDATE consents SET claims = NULL`));
      if (name === 'backup.db') await migrate(db, migrations, systemClock);
      await db.close();
    }
    const carried = carryOver(file('since.db'), file('backup.db'), { nowMs: 3, bringBack: false }) as Carried;
    expect(carried.consents_withdrawn.toSorted()).toEqual(['alice a', 'alice b']);
    const db = openDatabase(`sqlite:${file('backup.db')}`);
    expect(await db.all('SELECT client_id FROM consents')).toEqual([]);
    await db.close();
  });
});
