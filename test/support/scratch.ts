/** A folder for one run of the tests, in which test files share what they made; it is deleted after the run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The environment variable that names it; unset outside of vitest. */
export const scratchVariable = 'TESTS_SCRATCH';

/** vitest's globalSetup; gives its teardown. */
export default function make(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tests-'));
  process.env[scratchVariable] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
