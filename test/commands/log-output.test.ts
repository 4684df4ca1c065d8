/** A log that cannot be written: its disk is full, or its reader stopped. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogOutput, type LostLines } from '../../src/commands/server/write-or-drop-log-lines.ts';
import { freePort } from '../support/free-port.ts';
import { program as main } from '../support/program.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-log-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('a server whose log is on a full disk still answers, and stops on SIGTERM', {
  timeout: 60_000,
}, async () => {
  const port = await freePort();
  const { PATH = '', HOME = '' } = process.env;
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [main, 'serve'], {
    cwd: directory,
    env: { PATH, HOME, GATEHOUSE_ISSUER: `http://localhost:${port}`, GATEHOUSE_LISTEN: `127.0.0.1:${port}` },
    stdio: ['ignore', 'pipe', full],
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  for (let count = 0; count < 20; count += 1)
    expect((await fetch(`http://localhost:${port}/health/live`)).status).toBe(200);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  closeSync(full);
});

it('what a full disk did not take does not wait in memory', async () => {
  const full = openSync('/dev/full', 'w');
  const output = createLogOutput(full, () => {});
  output.write('one\ntwo\n');
  expect(await output.settled()).toBe(true);
  closeSync(full);
});

it('of what a reader that stopped leaves behind 8 MB wait; what is lost is counted when it reads again', async () => {
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, 'r+');
  let whenTold = (_lost: LostLines) => {};
  const told = new Promise<LostLines>((resolve) => {
    whenTold = resolve;
  });
  const output = createLogOutput(fd, (lost) => whenTold(lost));
  const line = `${'x'.repeat(1023)}\n`;
  const LINES = 12 * 1024;
  for (let count = 0; count < LINES; count += 1) output.write(line);
  let read = 0;
  const reader = createReadStream(fifo).on('data', (chunk) => {
    read += chunk.length;
  });
  const { lines, code } = await told;
  expect(code).toBe('nobody reads');
  expect(lines).toBeGreaterThan(LINES / 4);
  expect(await output.settled()).toBe(true);
  // The last of it ends the reader, which else waits for more.
  output.write(line);
  await output.settled();
  const all = (LINES - lines + 1) * line.length;
  while (read < all) await once(reader, 'data');
  expect(read).toBe(all);
  reader.destroy();
  output.write(line);
  closeSync(fd);
});
