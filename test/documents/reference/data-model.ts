/** docs/reference/data-model.md: tables, columns and what leads where, read from a database that the migrations made. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { systemClock } from '../../../src/lib/clock-and-random.ts';
import { migrate, readMigrations } from '../../../src/storage/migrate.ts';
import { openDatabase } from '../../../src/storage/open-database-by-url.ts';
import { code, page, table } from './markdown.ts';
import { sentenceOf } from './tables.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly isNeeded: boolean;
  readonly preset: string | null;
  /** Its place in the primary key, from 1; 0 where it is no part of it. */
  readonly keyPlace: number;
}

/** `isEnforced`: by a foreign key of the database; otherwise the name alone says so. */
export interface Reference {
  readonly column: string;
  readonly table: string;
  readonly isEnforced: boolean;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly references: readonly Reference[];
  /** As SQL has them, without the names of table and index. */
  readonly indexes: readonly string[];
}

const TEXT = `One schema for SQLite and PostgreSQL ([why](../explanation/decisions/0021-one-sql-text.md)), as the migrations in
\`migrations/\` leave it. Times are milliseconds since 1970, yes and no are 1 and 0, lists and objects are JSON. Keys that are handed out
begin with the time they were made ([why](../explanation/decisions/0022-time-ordered-keys.md)); a secret value is stored as a hash.`;

const DRAWN = `Lines are foreign keys. Dotted ones no foreign key holds: the column has the name of the other table's key, and the row
may outlive what it leads to, which then counts for nothing.`;

/** The page. */
export async function dataModelPage(): Promise<string> {
  const tables = await readSchema();
  return page(
    'Data model',
    TEXT,
    DRAWN,
    `\`\`\`mermaid\n${drawn(tables)}\n\`\`\``,
    ...tables.flatMap((one) => [
      `## ${code(one.name)}`,
      sentenceOf(one.name),
      columnsOf(one),
      indexesOf(one),
    ]),
  );
}

function columnsOf({ columns, references }: Table): string {
  const rows = columns.map(({ name, type, isNeeded, preset, keyPlace }) => {
    const leads = references.filter(({ column }) => column === name).map(leadsTo);
    const said = [keyPlace > 0 ? 'key' : '', preset === null ? '' : `${preset} by default`, ...leads];
    return [code(name), type, isNeeded ? '' : 'may be absent', said.filter((part) => part !== '').join('; ')];
  });
  return table(['column', 'type', '', ''], rows);
}

function leadsTo({ table: name, isEnforced }: Reference): string {
  return isEnforced ? `→ \`${name}\`` : `→ \`${name}\`, without a foreign key`;
}

function indexesOf({ indexes }: Table): string {
  return indexes.length === 0 ? 'No further index.' : `Indexes: ${indexes.map(code).join(', ')}.`;
}

/** https://mermaid.js.org/syntax/entityRelationshipDiagram.html */
function drawn(tables: readonly Table[]): string {
  const boxes = tables.flatMap(({ name, columns, references }) => {
    const leads = new Set(references.map(({ column }) => column));
    const shown = columns.filter((column) => column.keyPlace > 0 || leads.has(column.name));
    const marksOf = ({ name: column, keyPlace }: Column) =>
      [keyPlace > 0 ? 'PK' : '', leads.has(column) ? 'FK' : ''].filter((mark) => mark !== '').join(', ');
    return [
      `  ${name} {`,
      ...shown.map((column) => `    ${column.type} ${column.name} ${marksOf(column)}`),
      '  }',
    ];
  });
  const lines = tables.flatMap((one) => one.references.map((reference) => lineTo(one, reference)));
  return ['erDiagram', ...boxes, ...lines].join('\n');
}

function lineTo({ name, columns }: Table, { column, table: other, isEnforced }: Reference): string {
  const many = isWholeKey(columns, column) ? 'o|' : 'o{';
  return `  ${other} ||${isEnforced ? '--' : '..'}${many} ${name} : ${column}`;
}

function isWholeKey(columns: readonly Column[], name: string): boolean {
  const keyed = columns.filter(({ keyPlace }) => keyPlace > 0);
  return keyed.length === 1 && keyed[0]?.name === name;
}

/** Every table of ours, by name, from a SQLite file that is migrated and removed again. */
export async function readSchema(): Promise<readonly Table[]> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-schema-'));
  const file = join(directory, 'gatehouse.db');
  try {
    const db = openDatabase(`sqlite:${file}`);
    await migrate(db, readMigrations(new URL('../../../migrations/', import.meta.url)), systemClock);
    await db.close();
    return withReferencesByName(readTables(file));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface ColumnInfo {
  name: string;
  type: string;
  notnull: number;
  dflt_value: string | null;
  pk: number;
}

function readTables(file: string): readonly Table[] {
  const connection = new SqliteDatabase(file, { readonly: true });
  const rows = <Row>(sql: string) => connection.prepare(sql).all() as Row[];
  const names = rows<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  const found = names
    .filter(({ name }) => !name.startsWith('sqlite_'))
    .map(({ name }) => ({
      name,
      columns: rows<ColumnInfo>(`PRAGMA table_info(${name})`).map(columnOf),
      references: rows<{ from: string; table: string }>(`PRAGMA foreign_key_list(${name})`)
        .map(({ from, table: other }) => ({ column: from, table: other, isEnforced: true }))
        .toSorted((one, other) => (one.column < other.column ? -1 : 1)),
      indexes: rows<{ sql: string }>(
        `SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = '${name}' AND sql IS NOT NULL ORDER BY name`,
      ).map(({ sql }) => shortIndex(sql)),
    }));
  connection.close();
  return found;
}

function columnOf({ name, type, notnull, dflt_value, pk }: ColumnInfo): Column {
  return { name, type, isNeeded: notnull === 1 || pk > 0, preset: dflt_value, keyPlace: pk };
}

/** CREATE UNIQUE INDEX x ON y (a, b) → unique (a, b) */
function shortIndex(sql: string): string {
  const [, unique, rest = ''] =
    /^CREATE (UNIQUE )?INDEX \w+ ON \w+ (.*)$/.exec(sql.replaceAll(/\s+/g, ' ')) ?? [];
  return unique ? `unique ${rest}` : rest;
}

/** A column that is called as another table's whole key leads there, though nothing holds it. */
function withReferencesByName(tables: readonly Table[]): readonly Table[] {
  const keys = new Map(tables.flatMap(keyOf));
  return tables.map((one) => ({ ...one, references: [...one.references, ...byName(one, keys)] }));
}

/** The one column that it is keyed by, where that is its own and leads nowhere else. */
function keyOf({ name, columns, references }: Table): readonly (readonly [column: string, table: string])[] {
  const [key, ...others] = columns.filter(({ keyPlace }) => keyPlace > 0);
  const isOwn = key && others.length === 0 && !references.some(({ column }) => column === key.name);
  return isOwn ? [[key.name, name]] : [];
}

function byName(
  { name, columns, references }: Table,
  keys: ReadonlyMap<string, string>,
): readonly Reference[] {
  return columns.flatMap(({ name: column }) => {
    const other = keys.get(column);
    const isKnown = references.some((one) => one.column === column);
    const isOther = other !== undefined && other !== name && !isWholeKey(columns, column);
    return isOther && !isKnown ? [{ column, table: other, isEnforced: false }] : [];
  });
}
