import type { Database } from './database.ts';
import { openPostgres, type PostgresOptions } from './postgres/open.ts';
import { realFile } from './sqlite/file-operations.ts';
import { openSqlite } from './sqlite/open.ts';
import { StorageRefusedError } from './storage-errors.ts';

/** The engine for a scheme of database URLs: another engine is another row. */
export interface Engine {
  readonly scheme: string;
  open(url: string, options: PostgresOptions): Database;
}

export const engines: readonly Engine[] = [
  { scheme: 'sqlite:', open: (url) => openSqlite(sqliteFile(url)) },
  { scheme: 'postgres:', open: openPostgres },
  { scheme: 'postgresql:', open: openPostgres },
];

/** The file that a `sqlite:` URL names, with symbolic links resolved; undefined for every other engine. */
export function fileOfDatabase(url: string): string | undefined {
  return url.startsWith('sqlite:') ? sqliteFile(url) : undefined;
}

/** Whether two URLs name the same database file, or are equal. */
export function isSameDatabase(one: string, other: string): boolean {
  return (fileOfDatabase(one) ?? one) === (fileOfDatabase(other) ?? other);
}

function sqliteFile(url: string): string {
  return realFile(url.slice('sqlite:'.length));
}

/**
 * Opens the database with the engine that the URL's scheme names; `timeLimited` for a server, whose callers wait. Throws
 * {@link StorageRefusedError} if there is no such engine.
 */
export function openDatabase(url: string, options: PostgresOptions = {}): Database {
  return engineOf(url).open(url, options);
}

/** Throws {@link StorageRefusedError} if the URL names no engine. */
export function engineOf(url: string): Engine {
  const engine = engines.find((candidate) => url.startsWith(candidate.scheme));
  if (engine) return engine;
  // A text that is not a file path may hold a password, so it is not shown.
  const [scheme] = /^[a-z][a-z0-9+.-]+:/i.exec(url) ?? [];
  const isPath = scheme === undefined && !/[@='"]|\/\//.test(url);
  throw new StorageRefusedError(
    isPath
      ? `"${url}" names no storage engine; write sqlite:${url || 'FILE'} or postgres://USER@HOST/NAME`
      : `no storage engine for ${scheme === undefined ? 'what is written there' : `"${scheme}"`}; ` +
          'write sqlite:FILE or postgres://USER@HOST/NAME, without quotation marks',
  );
}
