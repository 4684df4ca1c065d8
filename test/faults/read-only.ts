/** A file system that turns read-only under load, as after an error of the disk: every write fails with EROFS. */
import type { Report } from '../crash/report.ts';
import { findings } from './full-disk.ts';
import { failedReads, newCode, openScene, redeem, type UnspentCode } from './scene.ts';
import { attach, whyNoStrace } from './strace.ts';

const CODES = 30;

export async function turnReadOnly(report: Report): Promise<void> {
  const reason = whyNoStrace();
  if (reason !== undefined) return report.say(`read-only file system: skipped, as ${reason}`);
  const scene = await openScene();
  const codes: UnspentCode[] = [];
  while (codes.length < CODES) codes.push(await newCode(scene));
  const pid = scene.running.child.pid ?? 0;
  const failing = await attach(pid, [
    '-o',
    '/dev/null',
    '-e',
    'trace=pwrite64,ftruncate',
    '-e',
    'inject=pwrite64,ftruncate:error=EROFS',
  ]);
  let refused = 0;
  for (const code of codes) {
    const { status, retryAfterSeconds } = await redeem(scene, code);
    if (status === 503 && retryAfterSeconds >= 1) refused += 1;
  }
  report.expect('read-only: redemptions answered 503 with Retry-After', refused, CODES);
  report.expect('read-only: reads that fail', (await failedReads(scene)).join(' '), '');
  await failing.detach();
  let good = 0;
  for (const code of codes) if ((await redeem(scene, code)).status === 200) good += 1;
  report.expect('writable again, without a restart: codes that are good', good, CODES);
  report.expect('writable again: findings of database check', findings(scene), 0);
  await scene.end();
}
