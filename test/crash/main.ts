/** npm run test:crash: kill -9, again and again, and what was answered must hold; first, that the ledger would notice. CRASH_KILLS and CRASH_RESTARTS set how often. */

import { checkLedger } from './check-ledger.ts';
import { killAtNamedPoints } from './named-points.ts';
import { restartPostgres } from './postgres.ts';
import { killAtRandom } from './random-kills.ts';
import { createReport } from './report.ts';

const report = createReport();
await checkLedger(report);
await killAtRandom(report, Number(process.env.CRASH_KILLS ?? 200));
await killAtNamedPoints(report);
await restartPostgres(report, Number(process.env.CRASH_RESTARTS ?? 20));
report.finish();
