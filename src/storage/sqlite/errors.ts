/** Classifies SQLite's error codes. */
import SqliteDatabase from 'better-sqlite3';
import { describeOwner } from '../../lib/explain-file-access-error.ts';
import { StorageRefusedError, StorageUnavailableError } from '../storage-errors.ts';
import { findDenied, OWNERSHIP_ADVICE } from './denied-access.ts';

/** Whether another connection holds the lock: worth another try. */
export function isLock(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY') || codeOf(error).startsWith('SQLITE_LOCKED');
}

/** SQLITE_CORRUPT: the file is damaged, and another try does not help. */
export function isDamage(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_CORRUPT');
}

/** Temporary conditions (a lock, a full or read-only disk) become a {@link StorageUnavailableError}; other errors stay. */
export function asUnavailable(error: unknown): unknown {
  const code = codeOf(error);
  const [, kind = ''] = /^SQLITE_([A-Z]+)/.exec(code) ?? [];
  const seen = PASSING[kind];
  return seen === undefined ? error : new StorageUnavailableError(`${seen} (${code})`, { cause: error });
}

const LOCKED = 'the database is locked: another program holds it';
const PASSING: Readonly<Record<string, string>> = {
  BUSY: LOCKED,
  LOCKED,
  FULL: 'the database cannot be written: its disk is full',
  READONLY: 'the database cannot be written: its file, folder or disk is read-only for this user',
  IOERR: 'the disk of the database fails or is full',
  CANTOPEN: 'the files of the database cannot be opened',
};

/**
 * Nothing can be read from the file. `seen` is the message without the remedy, which does not fit if the file is a
 * backup.
 */
export class UnusableFileError extends StorageRefusedError {
  readonly seen: string;
  constructor(seen: string, remedy: string) {
    super(seen + remedy);
    this.seen = seen;
  }
}

/** The error for a damaged file. What to do does not depend on which page is damaged. */
export function damagedFile(file: string, what: string): UnusableFileError {
  return new UnusableFileError(
    `${file} is damaged (${what})`,
    '. Restore a backup: gatehouse database restore FILE. ' +
      'What it still holds may be read with: sqlite3 FILE .recover',
  );
}

/** Turns an error of opening a file into one with a sentence for the operator. */
export function asRefused(file: string, error: unknown): unknown {
  if (isDamage(error)) return damagedFile(file, codeOf(error));
  if (codeOf(error) === 'SQLITE_NOTADB') {
    const seen = `${file} is not a usable SQLite database (SQLITE_NOTADB)`;
    return new UnusableFileError(seen, '; restore a backup: gatehouse database restore FILE');
  }
  if (codeOf(error) === 'SQLITE_CANTOPEN') {
    const whose = findDenied(file)?.whose ?? '';
    const advice = whose === '' ? 'check that its folder exists and may be written' : OWNERSHIP_ADVICE;
    return new StorageRefusedError(`${file} cannot be opened${whose}; ${advice}`);
  }
  return asUnavailable(error);
}

/** The error for a command that could not write its file. Errors that are not about the disk stay. */
export function asUnwritable(file: string, error: unknown): unknown {
  const first = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  const { code, message, path } = first;
  if (!/^(E[A-Z]+|SQLITE_(FULL|READONLY|IOERR|CANTOPEN)\w*)$/.test(code ?? '')) return error;
  const whose = path === undefined ? '' : describeOwner(path, first);
  if (whose !== '')
    return new StorageRefusedError(
      `${file} could not be written (${code})${whose}; name a place where this user may write`,
    );
  const seen = message.startsWith(`${code}`) ? message : `${code}: ${message}`;
  return new StorageRefusedError(
    `${file} could not be written (${seen}); look whether its disk has room and its folder may be written, ` +
      'or name a place elsewhere',
  );
}

function codeOf(error: unknown): string {
  return error instanceof SqliteDatabase.SqliteError ? error.code : '';
}
