/** All rows from one database to another, whatever their engines. */
import { type Database, type Parameter, type Reader, StorageRefusedError, type Tx } from './database.ts';

interface CopiedTable {
  readonly name: string;
  /** The primary key, by which pages follow each other. */
  readonly key: readonly string[];
}

/** Every table but `migrations`; those that others point to come first. */
export const copiedTables: readonly CopiedTable[] = [
  { name: 'users', key: ['sub'] },
  { name: 'passwords', key: ['sub'] },
  { name: 'user_groups', key: ['group_name'] },
  { name: 'group_members', key: ['sub', 'group_name'] },
  { name: 'user_roles', key: ['sub', 'role'] },
  { name: 'clients', key: ['client_id'] },
  { name: 'client_secrets', key: ['client_id', 'secret_hash'] },
  { name: 'resources', key: ['resource'] },
  { name: 'sessions', key: ['sid'] },
  { name: 'interactions', key: ['interaction_id'] },
  { name: 'consents', key: ['sub', 'client_id'] },
  { name: 'grants', key: ['grant_id'] },
  { name: 'one_time', key: ['kind', 'value_key'] },
  { name: 'revoked_tokens', key: ['jti'] },
  { name: 'keys', key: ['kid'] },
  { name: 'throttles', key: ['throttle_key'] },
  { name: 'audit_log', key: ['log_key'] },
  { name: 'revisions', key: ['name'] },
];

const PAGE = 500;

type Row = Record<string, Parameter>;

/** How many rows each table got. */
export type Counts = Readonly<Record<string, number>>;

/**
 * Copies what `from` holds at one moment into `to`, which must be migrated and empty. Throws
 * {@link StorageRefusedError} where it is not, or where the counts differ afterwards.
 */
export async function copyDatabase(from: Database, to: Database): Promise<Counts> {
  await refuseUnlessEmpty(to);
  return from.snapshot(async (source) => {
    const counts: Record<string, number> = {};
    for (const table of copiedTables) counts[table.name] = await copyTable(source, to, table);
    for (const { name } of copiedTables) await compareCounts(source, to, name);
    return counts;
  });
}

async function refuseUnlessEmpty(to: Database): Promise<void> {
  for (const { name } of copiedTables) {
    if (name !== 'revisions' && (await countRows(to, name)) > 0) {
      throw new StorageRefusedError(
        `the target already has rows in ${name}; give an empty database (no server may have run on it)`,
      );
    }
  }
}

async function countRows(db: Reader, table: string): Promise<number> {
  return Number((await db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))?.n);
}

async function copyTable(source: Reader, to: Database, { name, key }: CopiedTable): Promise<number> {
  const columns = key.join(', ');
  const places = key.map((_column, index) => `$${index + 1}`).join(', ');
  let copied = 0;
  let last: Row | undefined;
  for (;;) {
    const after = last ? `WHERE (${columns}) > (${places})` : '';
    const sql = `SELECT * FROM ${name} ${after} ORDER BY ${columns} LIMIT ${PAGE}`;
    const position: Row = last ?? {};
    const rows = await source.all<Row>(sql, ...(last ? key.map((column) => position[column] ?? null) : []));
    if (rows.length === 0) return copied;
    const isFirst = last === undefined;
    await to.write(async (tx) => {
      // A migration put the house's own row there.
      if (name === 'revisions' && isFirst) await tx.run('DELETE FROM revisions');
      for (const row of rows) await insertRow(tx, name, row);
    });
    copied += rows.length;
    last = rows.at(-1);
  }
}

async function insertRow(tx: Tx, table: string, row: Row): Promise<void> {
  const columns = Object.keys(row);
  const places = columns.map((_column, index) => `$${index + 1}`);
  await tx.run(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`,
    ...Object.values(row),
  );
}

async function compareCounts(source: Reader, to: Database, table: string): Promise<void> {
  const [wanted, seen] = [await countRows(source, table), await countRows(to, table)];
  if (wanted !== seen) {
    throw new StorageRefusedError(`${table} has ${wanted} rows at the source and ${seen} at the target`);
  }
}
