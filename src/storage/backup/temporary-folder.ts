/** Files of ours that are needed for a while, and are too large for memory. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the folder, which nobody else can read. */
export function makeTemporaryFolder(purpose: string): string {
  return mkdtempSync(join(tmpdir(), `gatehouse-${purpose}-`));
}

/** What operators are told that it is. */
export function describeTemporaryFolder(): string {
  return `${tmpdir()} (the variable TMPDIR names another folder)`;
}
