/** Standard output that takes nothing, or no more. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

let directory: string;
const run = (words: readonly string[], shell?: string) =>
  runCommand(directory, 'sqlite:h.db', words, shell === undefined ? {} : { shell });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-output-'));
  await run(['database', 'migrate']);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('output on a full disk is one sentence and exit 1, of a backup and of any other command', async () => {
  for (const words of [
    ['database', 'backup', '-'],
    ['client', 'list', '--json'],
    ['settings'],
    ['--version'],
  ]) {
    const { code, err } = await run(words, 'exec "$@" > /dev/full');
    expect(err).toMatch(/^standard output could not be written \(ENOSPC\); .*\n$/);
    expect(code).toBe(1);
  }
});

it('a backup whose reader closes the pipe is one sentence and exit 1, and leaves no file', async () => {
  const before = readdirSync(directory);
  const { err } = await run(['database', 'backup', '-'], '{ "$@"; echo "exit $?" >&2; } | head -c 10');
  expect(err).toMatch(/^standard output could not be written \(EPIPE\); .*\nexit 1\n$/);
  expect(readdirSync(directory)).toEqual(before);
});

it('any other command whose reader closes the pipe is no failure', async () => {
  const { err } = await run(['settings'], '{ "$@"; echo "exit $?" >&2; } | true');
  expect(err).toBe('exit 0\n');
});
