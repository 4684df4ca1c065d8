/** npm run test:faults: disks that fill up or turn read-only, files that are damaged, gone or somebody else's, locks. */
import { createReport } from '../crash/report.ts';
import { refuseBadFiles } from './bad-files.ts';
import { countFlushes } from './flushes.ts';
import { holdLock } from './foreign-lock.ts';
import { fillDisk } from './full-disk.ts';
import { turnReadOnly } from './read-only.ts';

const report = createReport();
await fillDisk(report);
await turnReadOnly(report);
await refuseBadFiles(report);
await holdLock(report);
await countFlushes(report);
report.finish();
