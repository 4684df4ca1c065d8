/** Checks the files with secrets: a reader of the master key can make any token. */
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { ownGroups } from '../../config/file-access-by-others.ts';
import { ownerOf } from '../../lib/change-file-owner.ts';
import { describeOwner } from '../../lib/explain-file-access-error.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { type Finding, fail, type OutsideCheck, pass, warn } from './check.ts';

export const secretsCheck: OutsideCheck = {
  name: 'secret files',
  async look({ secretFiles, database, masterKeyDoubt, development }) {
    const there = secretFiles.filter((file) => !isMissing(file));
    const fault = findDenied(there) ?? findOpen(there, readerOf(database));
    if (fault) return fault;
    return masterKeyDoubt === undefined || development
      ? pass(whatIsKept(there))
      : warn(`the master key ${masterKeyDoubt}`, ANOTHER_KEY);
  },
};

const ANOTHER_KEY =
  'write another one, then gatehouse keys rotate --now --master-key-changed (docs/how-to/production.md says what ends with it)';

function whatIsKept(there: readonly string[]): string {
  if (there.length === 0) return 'none: secrets are in the environment';
  return `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} kept from others`;
}

function isMissing(file: string): boolean {
  return errorOf(() => statSync(file))?.code === 'ENOENT';
}

/** Files that cannot be read: a running server has read them already, but its next start would fail. */
function findDenied(files: readonly string[]): Finding | undefined {
  for (const file of files) {
    const error = errorOf(() => accessSync(file, constants.R_OK));
    if (error === undefined) continue;
    const seen = `${file} cannot be read (${error.code})${describeOwner(file, error)}`;
    return fail(seen, `as root: ${giveTo(ownName(), [file])}`);
  }
  return undefined;
}

function findOpen(files: readonly string[], reader: Reader): Finding | undefined {
  const open = files.filter(isOpenToAll);
  if (open.length === 0) return undefined;
  const kept = open.filter((file) => mayRead(reader, statSync(file)));
  const lost = open.filter((file) => !kept.includes(file));
  const fixes = [
    kept.length === 0 ? [] : `chmod o= ${kept.join(' ')}`,
    lost.length === 0 ? [] : `as root: ${giveTo(reader.name, lost)}`,
  ];
  return fail(`everybody on this machine may read ${open.join(', ')}`, fixes.flat().join('; '));
}

/** Docker gives a secret mode 0444, in a container that has no other users. */
function isOpenToAll(file: string): boolean {
  return (statSync(file).mode & 0o007) !== 0 && !file.startsWith('/run/secrets/');
}

/** The user that must be able to read the files. */
interface Reader {
  readonly uid: number;
  readonly groups: readonly number[];
  /** User and group as chown takes them. */
  readonly name: string;
}

/** The user of this process; for root, the owner of the database folder. */
function readerOf(database: string): Reader {
  const uid = process.geteuid?.() ?? 0;
  const file = fileOfDatabase(database);
  const owner = uid === 0 && file !== undefined ? ownerOf(dirname(file)) : undefined;
  return owner === undefined
    ? { uid, groups: ownGroups(), name: ownName() }
    : { uid: owner.uid, groups: [owner.gid], name: `${owner.uid}:${owner.gid}` };
}

/** Whether the user may still read the file once the permissions for others are removed. */
function mayRead({ uid, groups }: Reader, stats: Stats): boolean {
  if (uid === 0) return true;
  return stats.uid === uid
    ? (stats.mode & 0o400) !== 0
    : groups.includes(stats.gid) && (stats.mode & 0o040) !== 0;
}

function giveTo(name: string, files: readonly string[]): string {
  return `chown ${name} ${files.join(' ')} && chmod 0400 ${files.join(' ')}`;
}

/** The user with a colon: without a group after it, chown takes the user's own group. */
function ownName(): string {
  try {
    return `${userInfo().username}:`;
  } catch {
    // The user id has no name, as in a container.
    return `${process.geteuid?.()}:${process.getegid?.()}`;
  }
}

function errorOf(look: () => unknown): NodeJS.ErrnoException | undefined {
  try {
    look();
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}
