import { type Database, StorageRefusedError } from './database.ts';
import { openPostgres, type PostgresOptions } from './postgres/open.ts';
import { realFile } from './sqlite/database-file.ts';
import { openSqlite } from './sqlite/open.ts';

/** What one kind of database URL stands for: another engine is another row. */
export interface Engine {
  readonly scheme: string;
  open(url: string, options: PostgresOptions): Database;
}

export const engines: readonly Engine[] = [
  { scheme: 'sqlite:', open: (url) => openSqlite(sqliteFile(url)) },
  { scheme: 'postgres:', open: openPostgres },
  { scheme: 'postgresql:', open: openPostgres },
];

/** The file that a `sqlite:` URL names, without the links on the way to it; undefined for every other engine. */
export function fileOfDatabase(url: string): string | undefined {
  return url.startsWith('sqlite:') ? sqliteFile(url) : undefined;
}

/** Whether two URLs name one database, however each is written. */
export function isSameDatabase(one: string, other: string): boolean {
  return (fileOfDatabase(one) ?? one) === (fileOfDatabase(other) ?? other);
}

function sqliteFile(url: string): string {
  return realFile(url.slice('sqlite:'.length));
}

/**
 * Opens the engine that the URL's scheme names; `hurried` for a server, whose callers wait. Throws
 * {@link StorageRefusedError} where there is none.
 */
export function openDatabase(url: string, options: PostgresOptions = {}): Database {
  return engineOf(url).open(url, options);
}

/** Throws {@link StorageRefusedError} where the URL names none. */
export function engineOf(url: string): Engine {
  const engine = engines.find((candidate) => url.startsWith(candidate.scheme));
  if (engine) return engine;
  // What is no path of a file may hold a password.
  const [scheme] = /^[a-z][a-z0-9+.-]+:/i.exec(url) ?? [];
  const isPath = scheme === undefined && !/[@='"]|\/\//.test(url);
  throw new StorageRefusedError(
    isPath
      ? `"${url}" names no storage engine; write sqlite:${url || 'FILE'} or postgres://USER@HOST/NAME`
      : `no storage engine for ${scheme === undefined ? 'what is written there' : `"${scheme}"`}; ` +
          'write sqlite:FILE or postgres://USER@HOST/NAME, without quotation marks',
  );
}
