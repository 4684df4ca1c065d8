/** kill -9 exactly where it could hurt: around a commit, in a migration, in a rotation of keys, in a backup. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from './report.ts';
import { command, type Gatehouse, newHouse, removeHouse, runCommand, startServer } from './server-process.ts';
import { assemble, newWork } from './set-up.ts';
import { verify, verifyNoReplay } from './verify.ts';
import { runHand } from './workload.ts';

const PRELOAD = fileURLToPath(new URL('./kill-at.mjs', import.meta.url));
const HANDS = 8;
const COMMITS = [1, 2, 5, 17];
const MIGRATION_POINTS = [
  'before 1 CREATE TABLE grants',
  'before 1 CREATE TABLE one_time_new',
  'after 1 DROP TABLE grants',
  'before 3 INSERT INTO migrations',
  'after 3 INSERT INTO migrations',
];
const ROTATION_POINTS = [
  'before 2 INSERT INTO keys',
  'after 1 INSERT INTO keys',
  'before 1 COMMIT',
  'after 1 COMMIT',
];
const BACKUP_POINTS = ['before 1 VACUUM INTO', 'after 1 VACUUM INTO'];

export async function killAtNamedPoints(report: Report): Promise<void> {
  await aroundCommits(report);
  for (const point of MIGRATION_POINTS) await duringMigration(report, point);
  const gatehouse = await newHouse();
  assemble(gatehouse);
  // The first start makes the keys.
  await (await startServer(gatehouse)).kill();
  for (const point of ROTATION_POINTS) duringRotation(report, gatehouse, point);
  for (const point of BACKUP_POINTS) duringBackup(report, gatehouse, point);
  await (await startServer(gatehouse)).kill();
  removeHouse(gatehouse);
}

function killedAt(gatehouse: Gatehouse, point: string): Gatehouse {
  return { ...gatehouse, environment: { ...gatehouse.environment, KILL_AT: point } };
}

const withPreload = ['--import', PRELOAD];

async function aroundCommits(report: Report): Promise<void> {
  const gatehouse = await newHouse();
  const clients = assemble(gatehouse);
  let running = await startServer(gatehouse);
  const work = await newWork(gatehouse, clients);
  await running.kill();
  for (const point of COMMITS.flatMap((count) => [`before ${count} COMMIT`, `after ${count} COMMIT`])) {
    running = await startServer(killedAt(gatehouse, point), withPreload);
    work.isOver = false;
    const hands = Array.from({ length: HANDS }, (_unused, hand) => runHand(work, hand));
    await running.gone;
    work.isOver = true;
    const faults = (await Promise.all(hands)).flat();
    running = await startServer(gatehouse);
    await verify(work, report, 10);
    await running.kill();
    report.expect(`killed ${point}: answers that no crash explains`, faults.length, 0);
  }
  running = await startServer(gatehouse);
  await verify(work, report, Number.POSITIVE_INFINITY);
  await verifyNoReplay(work, report);
  await running.kill();
  report.expect('killed around commits: findings of database check', findings(gatehouse), 0);
  removeHouse(gatehouse);
}

/** A first start that dies in its migrations, and the one after it. */
async function duringMigration(report: Report, point: string): Promise<void> {
  const gatehouse = await newHouse();
  const dead = await startServer(killedAt(gatehouse, point), withPreload);
  await dead.gone;
  const running = await startServer(gatehouse);
  await running.kill();
  report.expect(`killed ${point}: the next start is ready, findings`, findings(gatehouse), 0);
  removeHouse(gatehouse);
}

function duringRotation(report: Report, gatehouse: Gatehouse, point: string): void {
  const { signal } = runCommand(killedAt(gatehouse, point), ['keys', 'rotate'], '', withPreload);
  report.expect(`killed ${point} of keys rotate`, String(signal), 'SIGKILL');
  const keys = command(gatehouse, ['keys', 'list']) as { alg: string; state: string }[];
  const current = keys.filter(({ state }) => state === 'current').map(({ alg }) => alg);
  report.expect('  one current key of each algorithm', current.sort().join(' '), 'ES256 RS256');
  report.expect('  findings of database check', findings(gatehouse), 0);
}

function duringBackup(report: Report, gatehouse: Gatehouse, point: string): void {
  const directory = join(gatehouse.directory, 'backups');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'backup.db');
  const { signal } = runCommand(killedAt(gatehouse, point), ['database', 'backup', file], '', withPreload);
  report.expect(`killed ${point} of database backup`, String(signal), 'SIGKILL');
  report.expect('  a backup of that name', String(existsSync(file)), 'false');
  command(gatehouse, ['database', 'backup', file]);
  report.expect('  the next backup leaves nothing beside it', readdirSync(directory).join(' '), 'backup.db');
  runCommand(gatehouse, ['database', 'restore', file]);
  report.expect('  findings of database check', findings(gatehouse), 0);
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
}

function findings(gatehouse: Gatehouse): number {
  return (command(gatehouse, ['database', 'check']) as { findings: string[] }).findings.length;
}
