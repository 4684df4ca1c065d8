/**
 * npm run test:load: slow and idle sockets, a storm of logins, a stop under load, a flood over TLS; and what they leave of
 * honest requests. `npm run test:load -- tls` runs the flood alone.
 */

import { memoryGoals } from '../../bench/goals.ts';
import { idleMemoryMb, memoryMb } from '../../bench/subject.ts';
import { createReport } from '../crash/report.ts';
import { openScene } from '../faults/scene.ts';
import { stormLogins } from './login-storm.ts';
import { measureSlowSockets } from './slow-sockets.ts';
import { stopUnderLoad } from './stop.ts';
import { floodOverTls } from './tls-flood.ts';

const { idleMb: IDLE_LIMIT_MB, busyMb: BUSY_LIMIT_MB } = memoryGoals;

const report = createReport();
if (process.argv[2] !== 'tls') await loadPlainHttp();
await floodOverTls(report);
report.finish();

async function loadPlainHttp(): Promise<void> {
  const scene = await openScene({ GATEHOUSE_LOG_LEVEL: 'info' });
  const pid = scene.running.child.pid ?? 0;
  report.atMost('memory idle, MB', await idleMemoryMb(pid, IDLE_LIMIT_MB), IDLE_LIMIT_MB);
  await measureSlowSockets(report, scene);
  report.atMost('memory after the slow sockets, MB', memoryMb(pid), BUSY_LIMIT_MB);
  await stormLogins(report, scene);
  report.atMost('memory after the storm, MB', memoryMb(pid), BUSY_LIMIT_MB);
  await stopUnderLoad(report, scene);
  await scene.end();
}
