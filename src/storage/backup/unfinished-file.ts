/** A file that several processes may be making at once under one name: each makes its own, beside where it is to be. */
import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../../lib/hash.ts';
import { removeDatabaseFile } from '../sqlite/database-file.ts';

/** Process ids are those of one machine, or container; a folder may be seen from several. */
const MACHINE = sha256(hostname()).slice(0, 8);

/** A name that nobody else makes. */
export function ownUnfinished(target: string): string {
  let number = 0;
  const name = () => `${target}.unfinished-${MACHINE}-${process.pid}-${number}`;
  while (existsSync(name())) number += 1;
  return name();
}

/** What processes of this machine that are no more left unfinished, as after kill -9. */
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

/** Of a folder that cannot be read, making the file says what is wrong. */
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
