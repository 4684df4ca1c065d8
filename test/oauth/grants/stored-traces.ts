/** What the database (SQLite) holds of a value that a client sends: in clear, or as that by which its row is found. */
import { sha256 } from '../../../src/lib/sha256-and-hmac.ts';
import type { Database } from '../../../src/storage/database.ts';

interface Column {
  readonly table: string;
  readonly column: string;
}

function columns(db: Database): Promise<Column[]> {
  return db.all(
    `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'`,
  );
}

const asText = (column: string) => `CAST("${column}" AS TEXT)`;

/** As `table.column`, whatever its type. */
export async function placesInClear(db: Database, value: string): Promise<string[]> {
  const places: string[] = [];
  for (const { table, column } of await columns(db)) {
    const sql = `SELECT 1 AS one FROM "${table}" WHERE instr(${asText(column)}, $1) > 0`;
    if (await db.get(sql, value)) places.push(`${table}.${column}`);
  }
  return places;
}

/** A column that says when a row ends which is found by a value. */
export interface Ending extends Column {
  /** Of the row; $1 is the value and $2 its hash. */
  readonly where: string;
}

// Each names both parameters: an engine may refuse one that no condition uses.
/** As the end of the key that `storageKey` makes. */
const byHash = (text: string) => `($1 <> '' AND substr(${text}, -43) = $2)`;
/** An id is as long; a shorter text is in a value by chance. */
const byId = (text: string) => `($2 <> '' AND length(${text}) >= 20 AND instr($1, ${text}) > 0)`;

/** Of the rows that the value leads to: by its hash or, where it leads to none, by an id in it. */
export async function endingsFoundBy(db: Database, value: string): Promise<Ending[]> {
  const own = await endingsBy(db, value, byHash);
  return own.length > 0 ? own : endingsBy(db, value, byId);
}

async function endingsBy(
  db: Database,
  value: string,
  condition: (text: string) => string,
): Promise<Ending[]> {
  const all = await columns(db);
  const endings: Ending[] = [];
  for (const { table, column } of all.filter((one) => /(?:^|_)expires_at$/.test(one.column))) {
    const texts = all.filter((one) => one.table === table).map((one) => asText(one.column));
    const where = texts.map(condition).join(' OR ');
    const row = await db.get(`SELECT 1 AS one FROM "${table}" WHERE ${where}`, value, sha256(value));
    if (row) endings.push({ table, column, where });
  }
  return endings;
}

/** The row that is found by the value ends at `atMs`. */
export async function endRow(
  db: Database,
  { table, column, where }: Ending,
  value: string,
  atMs: number,
): Promise<void> {
  const sql = `UPDATE "${table}" SET "${column}" = $3 WHERE ${where}`;
  await db.write((tx) => tx.run(sql, value, sha256(value), atMs));
}
