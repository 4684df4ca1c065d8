/** Names for a file that several processes may write at once: each writes its own file beside the target. */
import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import { removeDatabaseFile } from '../sqlite/file-operations.ts';

/** Process ids are unique within one machine or container, but a folder may be shared by several. */
const MACHINE = sha256(hostname()).slice(0, 8);

/** A name that no other process uses. */
export function ownUnfinished(target: string): string {
  let number = 0;
  const name = () => `${target}.unfinished-${MACHINE}-${process.pid}-${number}`;
  while (existsSync(name())) number += 1;
  return name();
}

/** Removes unfinished files of processes on this machine that no longer run, as after kill -9. */
export function removeLeftovers(target: string): void {
  const folder = dirname(target);
  const begins = `${basename(target)}.unfinished-${MACHINE}-`;
  for (const entry of entriesOf(folder)) {
    const pid = /^(\d+)-\d+$/.exec(entry.slice(begins.length))?.[1];
    if (entry.startsWith(begins) && pid !== undefined && !isRunning(Number(pid))) {
      removeDatabaseFile(join(folder, entry));
    }
  }
}

/** Empty if the folder cannot be read: creating the file then reports the error. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
