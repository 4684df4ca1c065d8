/** A server does not start on a file that is damaged, gone or somebody else's, and makes no new one in its place. */
import { hash, randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { Report } from '../crash/report.ts';
import { type Gatehouse, newHouse, removeHouse, runCommand, startServer } from '../crash/server-process.ts';
import { assemble } from '../crash/set-up.ts';

const PAGE_BYTES = 4096;

export async function refuseBadFiles(report: Report): Promise<void> {
  const gatehouse = await newHouse();
  assemble(gatehouse);
  const first = await startServer(gatehouse);
  first.child.kill('SIGTERM');
  await first.gone;
  const file = join(gatehouse.directory, 'data', 'gatehouse.db');
  const good = join(gatehouse.directory, 'good.db');
  copyFileSync(file, good);
  const cases: readonly [string, RegExp, () => void][] = [
    ['a damaged header', /not a usable SQLite database|damaged/, () => overwrite(file, 0)],
    [
      'a damaged page in the middle',
      /damaged/,
      () => overwrite(file, Math.floor(statSync(file).size / PAGE_BYTES / 2)),
    ],
    [
      'a file cut in half',
      /damaged|not a usable/,
      () => writeFileSync(file, readFileSync(file).subarray(0, statSync(file).size / 2)),
    ],
    ['a text file', /not a usable SQLite database/, () => writeFileSync(file, 'dear diary, '.repeat(1000))],
    ['a directory', /cannot be opened|directory/, () => replaceByDirectory(file)],
    ['another application’s database', /not a Gatehouse database|another/, () => foreign(file)],
    ['a file that is gone', /is gone/, () => rmSync(file)],
  ];
  for (const [what, sentence, spoil] of cases) {
    rmSync(file, { recursive: true, force: true });
    copyFileSync(good, file);
    spoil();
    const before = fingerprint(file);
    const { status, stderr } = runCommand(gatehouse, ['serve']);
    report.expect(`${what}: exit code`, Number(status), 1);
    report.expect(
      `${what}: says why and what to do`,
      sentence.test(stderr) ? 'yes' : stderr.slice(0, 300),
      'yes',
    );
    report.expect(`${what}: is as it was`, fingerprint(file), before);
  }
  await refuseMissingFolder(report, gatehouse);
  rmSync(file, { force: true });
  renameSync(good, file);
  const last = await startServer(gatehouse);
  report.expect('the good file again: starts', String(last.child.exitCode), 'null');
  await last.kill();
  removeHouse(gatehouse);
}

async function refuseMissingFolder(report: Report, gatehouse: Gatehouse): Promise<void> {
  const file = join(gatehouse.directory, 'unmounted', 'deep', 'gatehouse.db');
  const environment = { ...gatehouse.environment, GATEHOUSE_DATABASE: `sqlite:${file}` };
  const { status } = runCommand({ ...gatehouse, environment }, ['database', 'check']);
  report.expect('database check of a file that is not there: exit code', Number(status), 3);
  report.expect('database check makes no file', String(existsSync(file)), 'false');
}

function overwrite(file: string, page: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, randomBytes(PAGE_BYTES), 0, PAGE_BYTES, page * PAGE_BYTES);
  closeSync(descriptor);
}

function replaceByDirectory(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

function foreign(file: string): void {
  rmSync(file);
  new SqliteDatabase(file).exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)').close();
}

function fingerprint(file: string): string {
  if (!existsSync(file)) return 'not there';
  return statSync(file).isDirectory() ? 'a directory' : hash('sha256', readFileSync(file), 'hex');
}
