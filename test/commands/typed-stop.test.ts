/** Somebody who is asked for a secret on a terminal and stops has met no failure. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

/** util-linux's script makes a terminal, and gives the exit code of the command. */
const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
const TIMEOUT_MS = 60_000;

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-typed-stop-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What is pressed when the password is asked for. */
function press(keys: string) {
  const words = ['user', 'create', '--username', 'carol', '--password-stdin'];
  return runCommand(directory, `sqlite:${join(directory, 'data', 'gatehouse.db')}`, words, {
    shell: 'exec script -qec "$*" /dev/null',
    whileRunning({ stdin, stdout }) {
      stdout?.once('data', () => stdin?.write(keys));
    },
  });
}

it.runIf(hasTerminal).each([
  ['Ctrl+C', '\x03', 130, 'stopped: nothing was done'],
  ['Ctrl+C after half a password', 'correct ho\x03', 130, 'stopped: nothing was done'],
  ['Ctrl+D', '\x04', 2, 'no password was typed: nothing was done'],
])(
  '%s where a password is asked for is no failure, and nothing is done',
  async (_name, keys, exitCode, sentence) => {
    const { code, out } = await press(keys);
    expect([code, out.replaceAll('\r', '').trimEnd()]).toEqual([exitCode, `password: \n${sentence}`]);
    expect(readdirSync(directory)).toEqual([]);
  },
  TIMEOUT_MS,
);
