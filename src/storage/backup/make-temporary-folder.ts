/** Temporary files that are too large for memory. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a folder that no other user can read, and returns its path. */
export function makeTemporaryFolder(purpose: string): string {
  return mkdtempSync(join(tmpdir(), `gatehouse-${purpose}-`));
}

/** How messages to operators name the folder for temporary files. */
export function describeTemporaryFolder(): string {
  return `${tmpdir()} (the variable TMPDIR names another folder)`;
}
