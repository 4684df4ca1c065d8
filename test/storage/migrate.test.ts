import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/runtime.ts';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/index.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { listAuditEvents } from '../../src/storage/tables/audit.ts';
import { startPostgres } from '../support/postgres.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const [first, ...later] = migrations;
if (!first) throw new Error('there is no migration');

const engines = {
  async SQLite() {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    const stop = async () => rmSync(directory, { recursive: true, force: true });
    return { url: `sqlite:${join(directory, 'gatehouse.db')}`, stop };
  },
  PostgreSQL: startPostgres,
};

/** A house as the first release left it: a user, a client, a grant with its code, an event. */
const rows = [
  `INSERT INTO users VALUES ('u', 'alice', 'alice', NULL, NULL, '{}', 1, 1, NULL)`,
  `INSERT INTO clients VALUES ('c', 'oidc', '{}', 1, 1, NULL)`,
  `INSERT INTO grants VALUES ('g', 'u', 'c', NULL, 'openid', '[]', 1, '[]', 1, 9, NULL)`,
  `INSERT INTO one_time VALUES ('code', 'spent', 'g', '{}', 9, 5)`,
  `INSERT INTO one_time VALUES ('code', 'live', 'g', '{}', 9, NULL)`,
  `INSERT INTO refresh_families VALUES ('f', 'g', 3, 's', 1, 1, 9, 9, NULL)`,
  `INSERT INTO revoked_tokens VALUES ('j', 9)`,
  `INSERT INTO audit VALUES ('e', 1, 'token.issued', NULL, 'u', 'c', 'g', NULL, NULL, NULL, '{"a":1}')`,
];

describe.each(Object.entries(engines))('%s', (_name, start) => {
  let engine: { url: string; stop(): Promise<void> };
  let db: Database;
  beforeAll(async () => {
    engine = await start();
    db = openDatabase(engine.url);
  });
  afterAll(async () => {
    await db.close();
    await engine.stop();
  });

  it('what the first migration held is there after the last, and its foreign keys hold', async () => {
    expect(await migrate(db, [first], systemClock)).toEqual([first.name]);
    await db.write(async (tx) => {
      for (const row of rows) await tx.run(row);
    });
    expect(await migrate(db, migrations, systemClock)).toEqual(later.map(({ name }) => name));
    const grants = await db.all(
      'SELECT grant_id, sub, client_id, expires_at, refresh_generation FROM grants',
    );
    expect(grants).toEqual([
      { grant_id: 'g', sub: 'u', client_id: 'c', expires_at: 9, refresh_generation: null },
    ]);
    expect(await db.all('SELECT value_key FROM one_time')).toEqual([{ value_key: 'live' }]);
    expect(await db.all('SELECT jti FROM revoked_tokens')).toEqual([{ jti: 'j' }]);
    expect((await listAuditEvents(db, { limit: 9 })).events).toEqual([
      {
        event_id: 'e.0',
        at: 1,
        type: 'token.issued',
        sub: 'u',
        client_id: 'c',
        grant_id: 'g',
        details: { a: 1 },
      },
    ]);
    expect((await db.inspect()).findings).toEqual([]);
    await db.write((tx) => tx.run(`DELETE FROM users WHERE sub = 'u'`));
    expect(await db.all('SELECT grant_id FROM grants')).toEqual([]);
  });
});
