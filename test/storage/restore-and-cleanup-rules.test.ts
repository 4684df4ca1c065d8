/** Each table says itself what becomes of its rows, and is held to it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock-and-random.ts';
import { HOUR_MS } from '../../src/lib/durations.ts';
import { carryOver } from '../../src/storage/backup/carry-over-from-replaced-database.ts';
import { rowsKept } from '../../src/storage/backup/carry-over-sql.ts';
import { createCleanUp } from '../../src/storage/cleanup.ts';
import type { Database } from '../../src/storage/database.ts';
import {
  AS_IN_BACKUP,
  type AtRestore,
  type LifeCycle,
  NEVER_CLEANED,
  NO_PERSONAL_DATA,
} from '../../src/storage/life-cycle.ts';
import { migrate, readMigrations } from '../../src/storage/migrate.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { keyOf, lifeCycles } from '../../src/storage/restore-and-cleanup-rules/index.ts';
import { nothingCarried } from '../../src/storage/restore-report.ts';
import { insertOneTime } from '../../src/storage/tables/one-time.ts';
import { type OneTimeKind, oneTimeKinds } from '../../src/storage/tables/one-time-kinds-and-retention.ts';
import { readSchema, type Table } from '../documents/reference/data-model.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));

let schema: readonly Table[];
let directory: string;
let postgres: TestPostgres;
let db: Database;
beforeAll(async () => {
  schema = (await readSchema()).filter(({ name }) => name !== 'migrations');
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-life-'));
  postgres = await startPostgres();
  db = openDatabase(postgres.url);
  await migrate(db, migrations, systemClock);
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

type Columns = ReadonlyMap<string, readonly string[]>;

/** What the schema has and nobody declares, and the other way round. */
function differences(columns: Columns, lives: readonly LifeCycle[]): string[] {
  const have = [...columns].flatMap(([table, names]) => names.map((name) => `${table}.${name}`));
  const say = lives.flatMap(({ table, columns }) => Object.keys(columns).map((name) => `${table}.${name}`));
  return [
    ...have.filter((one) => !say.includes(one)).map((one) => `${one} is not declared`),
    ...say.filter((one) => !have.includes(one)).map((one) => `${one} is not there`),
  ];
}

async function columnsOfPostgres(): Promise<Columns> {
  const rows = await db.all<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name <> 'migrations'`,
  );
  const tables = new Map<string, string[]>();
  for (const { table_name, column_name } of rows)
    tables.set(table_name, [...(tables.get(table_name) ?? []), column_name]);
  return tables;
}

const columnsOfSqlite = (): Columns =>
  new Map(schema.map(({ name, columns }) => [name, columns.map((column) => column.name)]));

describe('every table and column', () => {
  it('is declared, on both engines', async () => {
    expect(differences(columnsOfSqlite(), lifeCycles)).toEqual([]);
    expect(differences(await columnsOfPostgres(), lifeCycles)).toEqual([]);
  });

  it('that is added without being declared is found', () => {
    const more = new Map([...columnsOfSqlite(), ['toys', ['toy_id']]]);
    more.set('consents', [...(more.get('consents') ?? []), 'remembered_until']);
    expect(differences(more, lifeCycles)).toEqual([
      'consents.remembered_until is not declared',
      'toys.toy_id is not declared',
    ]);
    const renamed = lifeCycles.filter(({ table }) => table !== 'keys');
    expect(differences(columnsOfSqlite(), [...renamed, lifeOf('keys', { kidd: 'key' })])).toContain(
      'keys.kidd is not there',
    );
  });

  it('of the primary key is declared so, in the order of the key', () => {
    const inOrder = schema.map(({ name, columns }) => {
      const keyed = columns.filter(({ keyPlace }) => keyPlace > 0);
      return [name, keyed.toSorted((one, other) => one.keyPlace - other.keyPlace).map((one) => one.name)];
    });
    expect(Object.fromEntries(lifeCycles.map((life) => [life.table, keyOf(life)]))).toEqual(
      Object.fromEntries(inOrder),
    );
  });
});

function lifeOf(table: string, columns: Record<string, AtRestore>): LifeCycle {
  return { table, columns, cleanUp: NEVER_CLEANED, restore: AS_IN_BACKUP, personal: NO_PERSONAL_DATA };
}

describe('a parent of a row', () => {
  const declared = lifeCycles.flatMap(({ table, dependsOn = {} }) =>
    Object.entries(dependsOn).map(([column, on]) => ({ table, column, on })),
  );

  it('is declared for every column that leads somewhere, by a foreign key or by its name', () => {
    const leads = schema.flatMap(({ name, references }) =>
      references.map(({ column, table }) => `${name}.${column} → ${table}`),
    );
    const said = declared.map(({ table, column, on }) => `${table}.${column} → ${on?.table}`);
    expect(leads.filter((one) => !said.includes(one))).toEqual([]);
  });

  it('deletes it by a foreign key where it is declared so, and nowhere else', () => {
    const enforced = schema.flatMap(({ name, references }) =>
      references.filter(({ isEnforced }) => isEnforced).map(({ column }) => `${name}.${column}`),
    );
    const nameOf = ({ table, column }: (typeof declared)[number]) => `${table}.${column}`;
    const cascading = declared.filter(({ on }) => on?.ends === 'cascade').map(nameOf);
    expect(cascading.filter((one) => !enforced.includes(one))).toEqual([]);
    const staying = declared.filter(({ on }) => on?.ends === 'outlives' || on?.ends === 'another');
    expect(staying.map(nameOf).filter((one) => enforced.includes(one))).toEqual([]);
  });

  it('whose deletion looks for its rows finds them by the first column of an index or of the key', () => {
    const searched = schema.flatMap(({ name, references }) => [
      ...references.filter(({ isEnforced }) => isEnforced).map(({ column }) => `${name}.${column}`),
      ...declared
        .filter(({ table, on }) => table === name && (on?.ends === 'cascade' || on?.ends === 'pieces'))
        .map(({ column }) => `${name}.${column}`),
    ]);
    expect([...new Set(searched)].filter((one) => !firstColumns(schema).includes(one))).toEqual([]);
    const lent = schema.map((one) => (one.name === 'consents' ? { ...one, indexes: [] } : one));
    expect(searched.filter((one) => !firstColumns(lent).includes(one))).toContain('consents.client_id');
  });

  /** Of the keys, and of the indexes that are of every row. */
  const firstColumns = (tables: readonly Table[]) =>
    tables.flatMap(({ name, columns, indexes }) => [
      ...columns.filter(({ keyPlace }) => keyPlace === 1).map((column) => `${name}.${column.name}`),
      ...indexes.map((index) => `${name}.${/\((\w+)/.exec(index)?.[1]}`),
    ]);

  it('is copied before it', () => {
    const order = lifeCycles.map(({ table }) => table);
    const wrong = declared.filter(
      ({ table, on }) =>
        order.indexOf(on?.table ?? '') === -1 || order.indexOf(on?.table ?? '') > order.indexOf(table),
    );
    expect(wrong).toEqual([]);
  });
});

it('a table of which nothing is cleaned up, adapted or personal is declared so explicitly', () => {
  const silent = lifeCycles.filter(
    ({ cleanUp, restore, personal }) =>
      (cleanUp.length === 0 && cleanUp !== NEVER_CLEANED) ||
      (personal.length === 0 && personal !== NO_PERSONAL_DATA) ||
      (Object.keys(restore).length === 0 && restore !== AS_IN_BACKUP),
  );
  expect(silent.map(({ table }) => table)).toEqual([]);
});

describe('a table whose rows are spent', () => {
  /** Those that a restore may leave as they are in the backup although a row was spent since, each with the reason. */
  const SPENDABLE_AGAIN: Readonly<Record<string, string>> = {};

  /** Every table that a file writes to which calls `spendRow`. */
  const spentIn = (text: string): string[] =>
    /\bspendRow\(/.test(text)
      ? [...text.matchAll(/\b(?:UPDATE|DELETE FROM|INSERT INTO) (\w+)/g)].map(([, table = '']) => table)
      : [];
  const leftAsInBackup = (lives: readonly LifeCycle[], texts: readonly string[]): string[] => {
    const spent = new Set(texts.flatMap(spentIn));
    return lives
      .filter((one) => one.restore === AS_IN_BACKUP && spent.has(one.table))
      .map(({ table }) => table);
  };

  it('says what a restore does to them: a value that was spent since the backup is not valid again', () => {
    const folder = new URL('../../src/storage/tables/', import.meta.url);
    const texts = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
    expect(texts.flatMap(spentIn)).toContain('one_time');
    expect(leftAsInBackup(lifeCycles, texts)).toEqual(Object.keys(SPENDABLE_AGAIN));
  });

  it('is found where it says AS_IN_BACKUP', () => {
    const text = "spendRow(tx, 'DELETE FROM toys WHERE toy_id = $1', id)";
    const toys = lifeOf('toys', { toy_id: 'key' });
    expect(leftAsInBackup([toys], [text])).toEqual(['toys']);
    expect(
      leftAsInBackup([{ ...toys, restore: { ends: { by: 'deletion', counted: 'codes' } } }], [text]),
    ).toEqual([]);
    expect(leftAsInBackup([toys], [text.replace('spendRow', 'run')])).toEqual([]);
  });
});

it('the clean-up walks along the primary key, or along its first columns', () => {
  const ways = lifeCycles.flatMap((life) =>
    life.cleanUp.map(({ key, within }) => [life.table, key, keyOf(life)[within === undefined ? 0 : 1]]),
  );
  expect(ways.filter(([, key, first]) => key !== first)).toEqual([]);
});

/** Tables whose rule has no `agoMs` of an hour, each with the reason. */
const WITHOUT_MARGIN: Readonly<Record<string, string>> = {
  sessions: 'a clock that is ahead ends a session by as much earlier',
  pending_sign_ins: 'madeAgoMs is longer than a row lasts',
  interactions: 'madeAgoMs is longer than a row lasts',
  grants: 'a clock that is ahead ends a grant by as much earlier',
  one_time:
    'keptMs is longer than a code lasts; a clock that is ahead ends the other values by as much earlier',
};

it('a row that expires is deleted some time after it, as the clock of a node may be ahead', () => {
  const soon = lifeCycles.filter(({ cleanUp }) =>
    cleanUp.some(({ due, days, ...rule }) => {
      const agoMs = 'agoMs' in rule ? (rule.agoMs ?? 0) : 0;
      return days === undefined && /expires_at < \$1/.test(due ?? '') && agoMs < HOUR_MS;
    }),
  );
  expect(soon.map(({ table }) => table)).toEqual(Object.keys(WITHOUT_MARGIN));
});

it('each kind of one-time value is deleted some hours after its expiry, and not before', async () => {
  const kinds = Object.keys(oneTimeKinds) as OneTimeKind[];
  const left = async () =>
    (await db.all<{ kind: string }>('SELECT kind FROM one_time')).map(({ kind }) => kind);
  let nowMs = systemClock.nowMs();
  const settings = { audit_days: 0, personal_data_days: 0 };
  const clean = () => createCleanUp({ db, clock: { nowMs: () => nowMs }, settings }).run();
  const row = { value_key: '0', grant_id: null, payload: '', expires_at: nowMs + 60_000 };
  await db.write(async (tx) => {
    for (const kind of kinds) await insertOneTime(tx, { ...row, kind });
  });
  await clean();
  expect((await left()).toSorted()).toEqual(kinds.toSorted());
  nowMs += 3 * 3_600_000;
  await clean();
  expect(await left()).toEqual([]);
});

describe('a restore', () => {
  /** Of two databases with one row in each table: all columns but keys and what leads somewhere differ. */
  const fill = async (file: string, isSince: boolean): Promise<void> => {
    const database = openDatabase(`sqlite:${file}`);
    await migrate(database, migrations, systemClock);
    await database.close();
    const connection = new SqliteDatabase(file);
    connection.pragma('foreign_keys = OFF');
    for (const { name, columns, references } of schema) {
      const leads = new Set(references.map(({ column }) => column));
      const values = columns.map(({ name: column, keyPlace, type }) => {
        if (keyPlace > 0 || leads.has(column) || column === 'house_id') return 'same';
        if (type === 'BIGINT') return isSince ? 2 : 1;
        return isSince ? 'since' : 'backup';
      });
      connection.exec(`DELETE FROM ${name}`);
      connection.prepare(`INSERT INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`).run(...values);
    }
    connection.close();
  };

  const read = (file: string): Record<string, Record<string, unknown> | undefined> => {
    const connection = new SqliteDatabase(file, { readonly: true });
    const rows = schema.map(({ name }) => [name, connection.prepare(`SELECT * FROM ${name}`).get()]);
    connection.close();
    return Object.fromEntries(rows);
  };

  const expected: Readonly<Record<AtRestore, 'backup' | 'since' | 'nothing' | 'key'>> = {
    key: 'key',
    backup: 'backup',
    known: 'backup',
    ends: 'backup',
    dated: 'backup',
    since: 'since',
    along: 'since',
    greater: 'since',
    anew: 'nothing',
    same: 'nothing',
  };

  it('leaves in each column what its table declares', async () => {
    const [backup, since] = [join(directory, 'backup.db'), join(directory, 'since.db')];
    await fill(backup, false);
    await fill(since, true);
    const before = { backup: read(backup), since: read(since) };
    const carried = carryOver(since, backup, { nowMs: 3, bringBack: false });
    expect(carried).toMatchObject({ consents_withdrawn: ['backup same'] });
    const after = read(backup);
    const wrong = lifeCycles.flatMap(({ table, columns }) =>
      Object.entries(columns).flatMap(([column, word]) => {
        const from = expected[word];
        const wanted = { backup: before.backup, since: before.since, key: before.backup, nothing: undefined };
        const seen = after[table]?.[column] ?? null;
        const isWithdrawn = after[table] === undefined && lifeHas(table, 'same');
        const should = isWithdrawn ? null : (wanted[from]?.[table]?.[column] ?? null);
        return seen === should ? [] : [`${table}.${column} (${word}) is ${seen}, not ${should}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  const lifeHas = (table: string, word: AtRestore) =>
    lifeCycles.some((life) => life.table === table && Object.values(life.columns).includes(word));

  const keeping = lifeCycles.filter(({ restore }) => restore.keeps).map(({ table }) => table);

  it.each(keeping)('succeeds where a row of %s leads to rows that the backup lacks', async (table) => {
    const [backup, since] = [join(directory, `${table}.db`), join(directory, `${table}-since.db`)];
    await fill(backup, false);
    await fill(since, true);
    addRow(since, table);
    carryOver(since, backup, { nowMs: 3, bringBack: false });
    const connection = new SqliteDatabase(backup, { readonly: true });
    const broken = connection.pragma(`foreign_key_check(${table})`);
    connection.close();
    expect(broken).toEqual([]);
  });

  /** Each column is of a parent that is not there. */
  const addRow = (file: string, table: string) => {
    const values = schema
      .find(({ name }) => name === table)
      ?.columns.map(({ type }) => (type === 'BIGINT' ? 3 : 'made-since'));
    const connection = new SqliteDatabase(file);
    connection.pragma('foreign_keys = OFF');
    connection.prepare(`INSERT INTO ${table} VALUES (${values?.map(() => '?').join(', ')})`).run(values);
    connection.close();
  };

  it('keeps a row since whose parents are there or whose column is NULL, and leaves the others out', () => {
    const restore = { keeps: { rows: "toy_id <> 'unwanted' OR false", known: 'IGNORE' } } as const;
    const toys = { ...lifeOf('toys', { toy_id: 'key', sub: 'backup', lent_to: 'backup' }), restore };
    const keys = ['sub', 'lent_to'].map((column) => ({ column, parent: 'users', parentColumn: 'sub' }));
    const connection = new SqliteDatabase(':memory:');
    connection.exec(`ATTACH ':memory:' AS since; CREATE TABLE users (sub TEXT PRIMARY KEY);
      INSERT INTO users VALUES ('tilda'), ('toby')`);
    for (const at of ['main', 'since'])
      connection.exec(`CREATE TABLE ${at}.toys (toy_id TEXT PRIMARY KEY,
        sub TEXT NOT NULL REFERENCES users (sub), lent_to TEXT REFERENCES users (sub))`);
    connection.exec(`PRAGMA foreign_keys = OFF; INSERT INTO since.toys VALUES ('own', 'tilda', NULL),
      ('lent', 'tilda', 'toby'), ('lost', 'tilda', 'nobody'), ('of-nobody', 'nobody', NULL),
      ('unwanted', 'tilda', NULL); PRAGMA foreign_keys = ON`);
    for (const { sql } of rowsKept(
      toys,
      () => Object.keys(toys.columns),
      () => keys,
    ))
      connection.exec(sql);
    const kept = connection.prepare('SELECT toy_id FROM toys ORDER BY toy_id').pluck().all();
    connection.close();
    expect(kept).toEqual(['lent', 'own']);
  });

  it('reports everything that it carries over, each from one table', () => {
    const reported = lifeCycles.flatMap(({ restore }) => [
      ...(restore?.withdraws ? [restore.withdraws.reportedAs] : []),
      ...(restore?.takesAway?.(() => ['x']) ?? []).flatMap((step) => step.reportedAs ?? []),
    ]);
    expect(reported.toSorted()).toEqual(Object.keys(nothingCarried()).toSorted());
  });
});
