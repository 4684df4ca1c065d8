/** Which engine with PostgreSQL's protocol it is, and its settings. */
import type { Inspection, Reader } from '../database.ts';
import { StorageUnavailableError } from '../storage-errors.ts';

export interface Dialect {
  /** CockroachDB's advisory locks have no effect; CockroachDB and older YugabyteDB have no NOTIFY. */
  readonly isPostgres: boolean;
}

/** Returns a function that queries the dialect on the given connection and caches the first answer. */
export function createDialectQuestion(): (reader: Reader) => Promise<Dialect> {
  let known: Dialect | undefined;
  return async (reader) => {
    if (known) return known;
    const row = await reader.get<{ version: string }>('SELECT version() AS version');
    known = { isPostgres: isPostgresVersion(row?.version ?? '') };
    return known;
  };
}

/** CockroachDB says "CockroachDB CCL v25.1.0 …", YugabyteDB "PostgreSQL 15.2-YB-2025.1.0.0-b0 on …". */
export function isPostgresVersion(text: string): boolean {
  return text.startsWith('PostgreSQL') && !text.includes('-YB-');
}

/**
 * Throws {@link StorageUnavailableError} on a standby, or if transactions are set to read-only: such a server still answers
 * reads.
 */
export async function checkWritable(reader: Reader): Promise<void> {
  const row = await reader.get<{ value: string | null }>(
    "SELECT current_setting('transaction_read_only', true) AS value",
  );
  if (row?.value === 'on')
    throw new StorageUnavailableError(
      'the database takes no writes (transaction_read_only is on): it is a standby, or was set to read-only; ' +
        'name the primary in the URL of the database',
    );
}

/** Reads the settings that decide whether data is safe. A setting that the server does not know is ''. */
export async function inspect(reader: Reader): Promise<Inspection> {
  const setting = async (name: string) =>
    (await reader.get<{ value: string | null }>('SELECT current_setting($1, true) AS value', name))?.value ??
    '';
  const settings = {
    server_version: await setting('server_version'),
    server_encoding: await setting('server_encoding'),
    fsync: await setting('fsync'),
    synchronous_commit: await setting('synchronous_commit'),
    full_page_writes: await setting('full_page_writes'),
  };
  const findings = [
    settings.server_encoding === 'UTF8'
      ? ''
      : `the encoding is ${settings.server_encoding}, not UTF8: text of many languages cannot be kept`,
    settings.fsync === 'off' ? 'fsync is off: a crash of the machine loses tokens and revocations' : '',
    settings.synchronous_commit === 'off' ? 'synchronous_commit is off: a crash loses what was answered' : '',
  ].filter((finding) => finding !== '');
  return { engine: 'PostgreSQL', settings, findings };
}
