/** Preloaded into a server: at each SIGUSR2 it writes how long its event loop stood still at most since the last. */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
let count = 0;

process.on('SIGUSR2', () => {
  const file = process.env.LOOP_MONITOR_FILE;
  count += 1;
  const longestMs = Number.isFinite(delay.max) ? Math.max(0, delay.max / 1e6 - RESOLUTION_MS) : 0;
  writeFileSync(`${file}.new`, JSON.stringify({ count, longestMs }));
  renameSync(`${file}.new`, file);
  delay.reset();
});
