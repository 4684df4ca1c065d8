/** Whether a database file is intact and its settings are in force. */
import type { Inspection } from '../database.ts';
import { pin } from './objects-kept-from-garbage-collection.ts';
import type { Connection } from './prepare-and-run-sql.ts';

/** The first column of each row. The statement is pinned; connection.pragma() would leave one to the garbage collector. */
export function readPragma<Value>(connection: Connection, name: string): Value[] {
  return pin(connection.prepare(`PRAGMA ${name}`))
    .pluck()
    .all() as Value[];
}

/** PRAGMA temp_store */
const IN_MEMORY = 2;

/** The settings in force and what is damaged. Reads the whole file: seconds for a large one. */
export function inspect(connection: Connection): Inspection {
  const one = (name: string) => readPragma<string | number>(connection, name)[0] ?? '';
  const settings = {
    journal_mode: one('journal_mode'),
    synchronous: one('synchronous'),
    flushed: 'the log before every answer, the file at every checkpoint',
    foreign_keys: one('foreign_keys'),
    busy_timeout_ms: one('busy_timeout'),
    temp_store: one('temp_store') === IN_MEMORY ? 'memory' : 'file',
    bytes: Number(one('page_count')) * Number(one('page_size')),
  };
  const broken = brokenPages(connection);
  const inside = broken.length > 0 ? broken : orphans(connection);
  return { engine: 'SQLite', settings, findings: [...badSettings(settings), ...inside] };
}

function badSettings({ journal_mode }: { readonly journal_mode: string | number }): string[] {
  if (journal_mode === 'wal') return [];
  return [
    `journal_mode is ${journal_mode}, not wal: put the file on a local disk, as network folders cannot hold the log`,
  ];
}

function brokenPages(connection: Connection): string[] {
  try {
    const lines = readPragma<string>(connection, 'integrity_check').filter((line) => line !== 'ok');
    return lines.map(damaged);
  } catch (error) {
    return [damaged((error as Error).message)];
  }
}

function damaged(what: string): string {
  return `the file is damaged (${what}). Stop the server and restore a backup: gatehouse database restore FILE`;
}

function orphans(connection: Connection): string[] {
  const counts = new Map<string, number>();
  for (const table of readPragma<string>(connection, 'foreign_key_check')) {
    counts.set(table, (counts.get(table) ?? 0) + 1);
  }
  return [...counts].map(
    ([table, count]) =>
      `${count} rows of ${table} point to rows that are not there. ` +
      'Restore a backup (gatehouse database restore FILE), or delete them with the server stopped',
  );
}
