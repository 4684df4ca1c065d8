/** Another process holds the database's write lock: a backup tool, an operator's shell. */

import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { post } from '../crash/client.ts';
import type { Report } from '../crash/report.ts';
import { newCode, openScene, p99Ms, redeem } from './scene.ts';

const LOCKED_MS = 3000;
const REFUSED_WITHIN_MS = 500;
const QUICK_MS = 50;

export async function holdLock(report: Report): Promise<void> {
  const scene = await openScene();
  const { gatehouse, clients } = scene;
  const code = await newCode(scene);
  const lock = new SqliteDatabase(join(gatehouse.directory, 'data', 'gatehouse.db'));
  lock.exec('BEGIN IMMEDIATE');
  const endMs = Date.now() + LOCKED_MS;
  const waits: number[] = [];
  const statuses = new Set<number>();
  const writing = (async () => {
    while (Date.now() < endMs - 600) {
      const startMs = performance.now();
      const { status, retryAfterSeconds } = await redeem(scene, code);
      waits.push(performance.now() - startMs);
      statuses.add(retryAfterSeconds >= 1 ? status : 0);
    }
  })();
  const introspect = () => post(gatehouse, '/introspect', { token: scene.machineToken }, clients.machine);
  const jwksMs = await p99Ms(150, () => fetch(`${gatehouse.origin}/jwks`).then((answer) => answer.text()));
  const liveMs = await p99Ms(150, () =>
    fetch(`${gatehouse.origin}/health/live`).then((answer) => answer.text()),
  );
  const introspectionMs = await p99Ms(150, introspect);
  await writing;
  lock.exec('ROLLBACK');
  lock.close();
  report.expect('foreign lock: writes are answered', [...statuses].join(' '), '503');
  report.atMost('foreign lock: slowest 503, ms', Math.round(Math.max(...waits)), REFUSED_WITHIN_MS);
  report.atMost('foreign lock: p99 of /jwks, ms', jwksMs, QUICK_MS);
  report.atMost('foreign lock: p99 of /health/live, ms', liveMs, QUICK_MS);
  report.atMost('foreign lock: p99 of introspection, ms', introspectionMs, QUICK_MS);
  report.expect('lock gone: the code is still good', (await redeem(scene, code)).status, 200);
  await scene.end();
}
