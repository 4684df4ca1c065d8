/** A database file that this user may not write, though perhaps read: SQLite would open it all the same, to read alone. */
import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeOwner } from '../../lib/path-owner.ts';
import { StorageRefusedError } from '../database.ts';

export const OWNERSHIP_ADVICE = 'run this as that user, or give it to this one (chown)';

export interface DeniedAccess {
  /** What cannot be done with the file. */
  readonly what: 'opened' | 'written';
  readonly code: string | undefined;
  /** As {@link describeOwner}; '' where it is nobody's doing. */
  readonly whose: string;
}

/** What keeps this user from writing a file, or from making it where there is none; undefined where nothing does. */
export function findDenied(file: string): DeniedAccess | undefined {
  const { R_OK, W_OK, X_OK } = constants;
  const path = resolve(file);
  return (
    ask(path, path, { what: 'opened', mode: R_OK }) ??
    ask(path, path, { what: 'written', mode: W_OK }) ??
    ask(path, dirname(path), { what: 'written', mode: W_OK | X_OK })
  );
}

function ask(
  file: string,
  place: string,
  { what, mode }: { readonly what: DeniedAccess['what']; readonly mode: number },
): DeniedAccess | undefined {
  try {
    accessSync(place, mode);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return { what, code, whose: describeOwner(file, error as NodeJS.ErrnoException, place) };
  }
}

/** What was seen, and what to do, to follow on "… cannot be written". */
export function describeDenied({ code, whose }: DeniedAccess): string {
  return whose === '' ? ` (${code}); ${READ_ONLY}` : `${whose}; ${OWNERSHIP_ADVICE}`;
}

const READ_ONLY =
  'look at its disk, and whether that is mounted to be written; a unit of systemd names the folder in ReadWritePaths';

/**
 * Throws {@link StorageRefusedError} where SQLite could not write the file, or what it keeps beside it: no sign-in
 * would be kept.
 */
export function refuseInaccessibleFile(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const shut = findDenied(path);
    if (shut !== undefined)
      throw new StorageRefusedError(`${path} cannot be ${shut.what}${describeDenied(shut)}`);
  }
}
