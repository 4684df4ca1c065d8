/** A file system of a few megabytes that somebody else fills. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../crash/report.ts';
import { command } from '../crash/server-process.ts';
import { failedReads, newCode, openScene, redeem, type Scene, type UnspentCode } from './scene.ts';

/** So few that the log has not yet grown to where it begins anew: it needs more room. */
const CODES = 60;

export async function fillDisk(report: Report): Promise<void> {
  const disk = mkdtempSync(join(tmpdir(), 'gatehouse-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk], { encoding: 'utf8' });
  if (mounted.status !== 0) {
    report.say(`full disk: skipped, as this user may not mount (${mounted.stderr.trim()})`);
    rmSync(disk, { recursive: true });
    return;
  }
  try {
    await onDisk(report, disk);
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  }
}

async function onDisk(report: Report, disk: string): Promise<void> {
  mkdirSync(join(disk, 'data'), { mode: 0o700 });
  const scene = await openScene({ GATEHOUSE_DATABASE: `sqlite:${join(disk, 'data', 'gatehouse.db')}` });
  const codes: UnspentCode[] = [];
  while (codes.length < CODES) codes.push(await newCode(scene));
  fill(join(disk, 'ballast'), disk);
  const unspent: UnspentCode[] = [];
  let [refused, otherwise, withoutRetry] = [0, 0, 0];
  for (const code of codes) {
    const { status, retryAfterSeconds } = await redeem(scene, code);
    if (status === 503) {
      refused += 1;
      unspent.push(code);
      if (retryAfterSeconds < 1) withoutRetry += 1;
    } else if (status !== 200) otherwise += 1;
  }
  report.expect('full disk: some redemptions are answered 503', String(refused > 0), 'true');
  report.expect('full disk: answers that are neither 200 nor 503', otherwise, 0);
  report.expect('full disk: 503 without Retry-After', withoutRetry, 0);
  report.expect('full disk: reads that fail', (await failedReads(scene)).join(' '), '');
  rmSync(join(disk, 'ballast'));
  report.expect(
    'room again: codes that were refused and are good now',
    await countGood(scene, unspent),
    unspent.length,
  );
  report.expect('room again: findings of database check', findings(scene), 0);
  await scene.end();
}

/** All that is free but two pages. */
function fill(file: string, disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(file, Buffer.alloc(Number(bavail) * Number(bsize) - 2 * 4096));
}

async function countGood(scene: Scene, codes: readonly UnspentCode[]): Promise<number> {
  let good = 0;
  for (const code of codes) if ((await redeem(scene, code)).status === 200) good += 1;
  return good;
}

export function findings({ gatehouse }: Scene): number {
  return (command(gatehouse, ['database', 'check']) as { findings: string[] }).findings.length;
}
