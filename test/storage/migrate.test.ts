import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import { nextTurn } from '../../src/lib/next-event-loop-turn.ts';
import type { Database, Reader } from '../../src/storage/database.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { listAuditEvents } from '../../src/storage/tables/audit-log.ts';
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

/** An installation as the first release left it: a user, a client, a grant with its code, an event. */
const rows = [
  `INSERT INTO users VALUES ('u', 'alice', 'alice', NULL, NULL, '{}', 1, 1, NULL)`,
  `INSERT INTO clients VALUES ('c', 'oidc', '{}', 1, 1, NULL)`,
  `INSERT INTO clients VALUES ('disabled', 'oidc', '{}', 1, 1, 5)`,
  `INSERT INTO grants VALUES ('g', 'u', 'c', NULL, 'openid', '[]', 1, '[]', 1, 9, NULL)`,
  `INSERT INTO one_time VALUES ('code', 'spent', 'g', '{}', 9, 5)`,
  `INSERT INTO one_time VALUES ('code', 'live', 'g', '{}', 9, NULL)`,
  `INSERT INTO one_time VALUES ('jti', 'used', NULL, '', 9, NULL)`,
  `INSERT INTO refresh_families VALUES ('f', 'g', 3, 's', 1, 1, 9, 9, NULL)`,
  `INSERT INTO revoked_tokens VALUES ('j', 9)`,
  `INSERT INTO audit VALUES ('e', 1, 'token.issued', NULL, 'u', 'c', 'g', NULL, NULL, NULL, '{"a":1}')`,
];

describe('a migration while another node keeps running', () => {
  let engine: { url: string; stop(): Promise<void> };
  beforeAll(async () => {
    engine = await startPostgres();
  });
  afterAll(() => engine.stop());

  it('what is revoked while the table of grants changes stays revoked', async () => {
    const [db, node] = [openDatabase(engine.url), openDatabase(engine.url)];
    const before = migrations.filter(({ name }) => name < '0014');
    await migrate(db, before, systemClock);
    await db.write(async (tx) => {
      await tx.run(`INSERT INTO users VALUES ('u', 'alice', 'alice', NULL, NULL, '{}', 1, 1, NULL)`);
      await tx.run(`INSERT INTO clients (client_id, profile, metadata, created_at, updated_at)
        VALUES ('c', 'oidc', '{}', 1, 1)`);
      await tx.run(`INSERT INTO grants (grant_id, sub, client_id, scope, resources, auth_time, amr, created_at,
        expires_at) VALUES ('g', 'u', 'c', 'openid', '[]', 1, '[]', 1, 9)`);
    });
    let revoked: Promise<unknown> | undefined;
    const write: Database['write'] = (body) =>
      db.write((tx) =>
        body({
          ...tx,
          async run(sql, ...parameters) {
            const changed = await tx.run(sql, ...parameters);
            if (!sql.includes('INSERT INTO grants_new')) return changed;
            let isThrough = false;
            revoked = node
              .write((other) => other.run('UPDATE grants SET revoked_at = 5 WHERE grant_id = $1', 'g'))
              .finally(() => {
                isThrough = true;
              });
            while (!isThrough && !(await isSomebodyWaiting(tx))) await nextTurn();
            return changed;
          },
        }),
      );
    await migrate({ ...db, write }, migrations, systemClock);
    expect(await revoked).toBe(1);
    expect(await db.all('SELECT revoked_at FROM grants')).toEqual([{ revoked_at: 5 }]);
    await db.close();
    await node.close();
  });
});

/** As nodes from before 0033 note a client assertion. */
const NOTE_BEFORE = `INSERT INTO one_time (kind, value_key, grant_id, payload, expires_at)
  VALUES ('jti', $1, NULL, '', 9) ON CONFLICT (kind, value_key) DO NOTHING`;

describe('a migration of used assertions while another node keeps running', () => {
  let engine: { url: string; stop(): Promise<void> };
  beforeAll(async () => {
    engine = await startPostgres();
  });
  afterAll(() => engine.stop());

  it('A043 knows every assertion that the node took, and the node takes none that others do not know', async () => {
    const [db, node, watch] = [openDatabase(engine.url), openDatabase(engine.url), openDatabase(engine.url)];
    await migrate(
      db,
      migrations.filter(({ name }) => name < '0033'),
      systemClock,
    );
    let migrated: Promise<unknown> | undefined;
    await node.write(async (tx) => {
      await tx.run(NOTE_BEFORE, 'at the last moment');
      migrated ??= migrate(db, migrations, systemClock);
      while (!(await isSomebodyWaiting(watch))) await nextTurn();
    });
    await migrated;
    const known = [{ jti_key: 'at the last moment' }];
    expect(await db.all('SELECT jti_key FROM spent_jtis')).toEqual(known);
    await expect(node.write((tx) => tx.run(NOTE_BEFORE, 'later'))).rejects.toThrow('one_time_without_jti');
    for (const one of [db, node, watch]) await one.close();
  });
});

async function isSomebodyWaiting(db: Reader): Promise<boolean> {
  return (await db.get('SELECT 1 AS waits FROM pg_locks WHERE NOT granted LIMIT 1')) !== undefined;
}

describe.each(Object.entries(engines))('%s', (_name, start) => {
  let engine: { url: string; stop(): Promise<void> };
  let db: Database;
  beforeEach(async () => {
    engine = await start();
    db = openDatabase(engine.url);
  });
  afterEach(async () => {
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
    // Enabled again it has nothing of before.
    expect(await db.all('SELECT client_id, epoch FROM clients ORDER BY client_id')).toEqual([
      { client_id: 'c', epoch: 0 },
      { client_id: 'disabled', epoch: 1 },
    ]);
    expect(await db.all('SELECT value_key FROM one_time')).toEqual([{ value_key: 'live' }]);
    expect(await db.all('SELECT jti_key, expires_at FROM spent_jtis')).toEqual([
      { jti_key: 'used', expires_at: 9 },
    ]);
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

  it('what was chosen, proved and decided in a sign-in is known by its steps, whichever of it was', async () => {
    const columns = 'selected_sub, signed_in_sid, decision, decided_sub, consent_added';
    const added = { sub: 'u', access: { scope: ['openid'] } };
    const sent = JSON.stringify(added);
    const stored: Readonly<Record<string, string>> = {
      nothing: `NULL, NULL, NULL, NULL, NULL`,
      all: `'u', 's', 'allow', 'u', '${sent}'`,
      another: `'', NULL, NULL, NULL, NULL`,
      denied: `NULL, 's', 'deny', 'u', NULL`,
      added: `NULL, NULL, NULL, NULL, '${sent}'`,
    };
    await migrate(
      db,
      migrations.filter(({ name }) => name < '0037'),
      systemClock,
    );
    await db.write(async (tx) => {
      await tx.run(`INSERT INTO clients (client_id, profile, metadata, created_at, updated_at)
        VALUES ('i', 'oidc', '{}', 1, 1)`);
      for (const [id, values] of Object.entries(stored)) {
        await tx.run(`INSERT INTO interactions (interaction_id, client_id, request, created_at, expires_at, ${columns})
          VALUES ('${id}', 'i', '{}', 1, 9, ${values})`);
      }
    });
    await migrate(db, migrations, systemClock);
    const rows = await db.all<{ interaction_id: string; purpose: string; done: string }>(
      'SELECT interaction_id, purpose, done FROM interactions',
    );
    expect([...new Set(rows.map(({ purpose }) => purpose))]).toEqual(['authorization']);
    expect(Object.fromEntries(rows.map((row) => [row.interaction_id, JSON.parse(row.done)]))).toEqual({
      nothing: {},
      all: {
        'select-account': { sub: 'u' },
        login: { sid: 's' },
        consent: { decided: { decision: 'allow', sub: 'u' }, added },
      },
      another: { 'select-account': { sub: '' } },
      denied: { login: { sid: 's' }, consent: { decided: { decision: 'deny', sub: 'u' } } },
      added: { consent: { added } },
    });
    await db.write((tx) => tx.run(`DELETE FROM clients WHERE client_id = 'i'`));
    expect(await db.all('SELECT 1 AS one FROM interactions')).toEqual([]);
  });
});
