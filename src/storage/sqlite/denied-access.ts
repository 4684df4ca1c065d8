/** Database files that this user may not write: if they can be read, SQLite would open them read-only without an error. */
import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeOwner } from '../../lib/explain-file-access-error.ts';
import { StorageRefusedError } from '../storage-errors.ts';

export const OWNERSHIP_ADVICE = 'run this as that user, or give it to this one (chown)';

export interface DeniedAccess {
  /** What is not possible with the file. */
  readonly what: 'opened' | 'written';
  readonly code: string | undefined;
  /** As {@link describeOwner}; '' if owner and mode are not the cause. */
  readonly whose: string;
}

/** Why this user cannot write a file, or create it if it is missing; undefined if the user can. */
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

/** What was seen and what to do; continues "… cannot be written". */
export function describeDenied({ code, whose }: DeniedAccess): string {
  return whose === '' ? ` (${code}); ${READ_ONLY}` : `${whose}; ${OWNERSHIP_ADVICE}`;
}

const READ_ONLY =
  'look at its disk, and whether that is mounted to be written; a unit of systemd names the folder in ReadWritePaths';

/** Throws {@link StorageRefusedError} if SQLite could not write the file or those beside it: no sign-in would be stored. */
export function refuseInaccessibleFile(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const denied = findDenied(path);
    if (denied !== undefined)
      throw new StorageRefusedError(`${path} cannot be ${denied.what}${describeDenied(denied)}`);
  }
}
