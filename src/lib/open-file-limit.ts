import { readFileSync } from 'node:fs';

/** How many files and sockets a process may have open; undefined if there is no limit or no /proc to read it from. */
export function openFileLimit(pid: number | 'self' = 'self'): number | undefined {
  const [, most] = /^Max open files +(\d+)/m.exec(readLimits(pid)) ?? [];
  return most === undefined ? undefined : Number(most);
}

function readLimits(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/limits`, 'utf8');
  } catch {
    return '';
  }
}
