/**
 * npm run test:load: slow and idle sockets, a storm of logins, a stop under load, a flood over TLS; and what they leave of
 * honest requests. `npm run test:load -- tls` runs the flood alone.
 */

import { memoryMb } from '../../bench/subject.ts';
import { createReport } from '../crash/report.ts';
import { openScene } from '../faults/scene.ts';
import { stormLogins } from './login-storm.ts';
import { measureSlowSockets } from './slow-sockets.ts';
import { stopUnderLoad } from './stop.ts';
import { floodOverTls } from './tls-flood.ts';

/** V8 gives back what the start needed after some ten seconds without work. */
const IDLE_MS = 15_000;
const [IDLE_LIMIT_MB, BUSY_LIMIT_MB] = [110, 200];

const report = createReport();
if (process.argv[2] !== 'tls') await loadPlainHttp();
await floodOverTls(report);
report.finish();

async function loadPlainHttp(): Promise<void> {
  const scene = await openScene({ GATEHOUSE_LOG_LEVEL: 'info' });
  const pid = scene.running.child.pid ?? 0;
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  report.atMost('memory idle, MB', memoryMb(pid), IDLE_LIMIT_MB);
  await measureSlowSockets(report, scene);
  report.atMost('memory after the slow sockets, MB', memoryMb(pid), BUSY_LIMIT_MB);
  await stormLogins(report, scene);
  report.atMost('memory after the storm, MB', memoryMb(pid), BUSY_LIMIT_MB);
  await stopUnderLoad(report, scene);
  await scene.end();
}
