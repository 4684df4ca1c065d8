/** The processes that hold a lock on a database file, from /proc/locks: SQLite takes POSIX locks on the file and its -shm. */
import { readFileSync, statSync } from 'node:fs';

export interface Holder {
  readonly pid: number;
  readonly program: string;
}

/** Processes with a write lock; empty where they cannot be found, as on another system or in another container. */
export function lockHolders(file: string): Holder[] {
  const inodes = [file, `${file}-shm`].flatMap(
    (path) => statSync(path, { throwIfNoEntry: false })?.ino ?? [],
  );
  const pids = readText('/proc/locks')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, , , access, , place = '']) => access === 'WRITE' && inodes.includes(Number(place.split(':')[2])),
    )
    .map(([, , , , pid]) => Number(pid))
    .filter((pid) => pid > 0 && pid !== process.pid);
  return [...new Set(pids)].map((pid) => ({
    pid,
    program: readText(`/proc/${pid}/comm`).trim() || 'unknown',
  }));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
