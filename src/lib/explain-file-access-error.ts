/** Why a file or a folder cannot be read or written, and who owns it. */
import { type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { OperatorTextError } from './decode-operator-text.ts';

/**
 * A clause that begins with a colon; '' if the error is not about access or nothing is known. `place`: the path that
 * was accessed.
 */
export function describeOwner(file: string, { code }: NodeJS.ErrnoException, place = file): string {
  if (code !== 'EACCES' && code !== 'EPERM') return '';
  const path = resolve(file);
  const seen = nearestSeen(resolve(place));
  if (seen === undefined) return '';
  const what = seen.path === path ? 'it' : `its folder ${seen.path}`;
  return `: ${what} belongs to ${ownerName(seen.stats)} (mode ${modeOf(seen.stats)}), and this runs as ${ownName()}`;
}

/**
 * The path itself, or the nearest folder above it that this process can stat: access ends there, or the file would be
 * made there.
 */
function nearestSeen(path: string): { readonly path: string; readonly stats: Stats } | undefined {
  try {
    return { path, stats: statSync(path) };
  } catch {
    return dirname(path) === path ? undefined : nearestSeen(dirname(path));
  }
}

function ownerName({ uid }: Stats): string {
  if (uid === process.geteuid?.()) return ownName();
  return uid === 0 ? 'root' : `the user with the number ${uid}`;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as in a container.
    return `the user with the number ${process.geteuid?.()}`;
  }
}

const modeOf = ({ mode }: Stats) => (mode & 0o777).toString(8).padStart(4, '0');

/** Why a file cannot be used, and what to do. `otherwise` is the advice where its owner and mode are not the cause. */
export function describeUnreadable(file: string, error: unknown, otherwise: string): string {
  if (error instanceof OperatorTextError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  const whose = describeOwner(file, error as NodeJS.ErrnoException);
  const advice = whose === '' ? otherwise : 'run this as a user who may read it, or give it to this one';
  return `cannot be read (${code})${whose}; ${advice}`;
}
