import { readFileSync } from 'node:fs';

/** How many files and sockets a process may have open; undefined without a limit, and where nothing tells it (no /proc). */
export function mostOpenFiles(pid: number | 'self' = 'self'): number | undefined {
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
