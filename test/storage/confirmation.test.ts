/** Grants from before they could be bound to a key are there as they were, and bound to none. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import { isMet, readConfirmation } from '../../src/oauth/confirmation-claim.ts';
import type { Database } from '../../src/storage/database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { findGrantStanding } from '../../src/storage/tables/grant-standing.ts';
import type { GrantRow } from '../../src/storage/tables/grants.ts';
import { startPostgres } from '../support/postgres.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const before = migrations.filter(({ name }) => name < '0036');

const engines = {
  async SQLite() {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-confirmation-'));
    const stop = async () => rmSync(directory, { recursive: true, force: true });
    return { url: `sqlite:${join(directory, 'gatehouse.db')}`, stop };
  },
  PostgreSQL: startPostgres,
};

type OldGrant = Omit<GrantRow, 'confirmation'>;

const plain: OldGrant = {
  grant_id: 'plain',
  sub: 'u',
  client_id: 'c',
  sid: null,
  access: '{"scope":["openid"]}',
  outlives_session: 0,
  auth_time: 1,
  amr: '["pwd"]',
  acr: null,
  created_at: 2,
  expires_at: 9,
  revoked_at: null,
  refresh_generation: null,
  refresh_salt: null,
  refreshed_at: null,
  refresh_idle_expires_at: null,
  code_binding: null,
  user_epoch: 0,
  client_epoch: 0,
};
const refreshed: OldGrant = {
  ...plain,
  grant_id: 'refreshed',
  outlives_session: 1,
  acr: 'one',
  revoked_at: 5,
  refresh_generation: 3,
  refresh_salt: 'salt',
  refreshed_at: 4,
  refresh_idle_expires_at: 8,
  code_binding: 'binding',
  user_epoch: 6,
  client_epoch: 7,
};

async function storeAsBefore(db: Database): Promise<void> {
  await db.write(async (tx) => {
    await tx.run(`INSERT INTO users (sub, username, username_key, claims, created_at, updated_at)
      VALUES ('u', 'alice', 'alice', '{}', 1, 1)`);
    await tx.run(`INSERT INTO clients (client_id, profile, metadata, created_at, updated_at)
      VALUES ('c', 'oidc', '{}', 1, 1)`);
    for (const grant of [plain, refreshed]) {
      const columns = Object.keys(grant);
      const places = columns.map((_, index) => `$${index + 1}`);
      const sql = `INSERT INTO grants (${columns.join(', ')}) VALUES (${places.join(', ')})`;
      await tx.run(sql, ...Object.values(grant));
    }
  });
}

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

  it('their columns are unchanged, and the new column is empty', async () => {
    const rows = await db.all<GrantRow>('SELECT * FROM grants ORDER BY grant_id');
    expect(rows).toEqual([plain, refreshed].map((grant) => ({ ...grant, confirmation: null })));
  });

  it('what is bound to no key needs none', async () => {
    const grant = await findGrantStanding(db, plain.grant_id);
    if (!grant) throw new Error('the grant is gone');
    expect(isMet(readConfirmation(grant.confirmation), undefined)).toBe(true);
  });
});
