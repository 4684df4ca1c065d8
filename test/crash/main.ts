/** npm run test:crash: kill -9, again and again, and what was answered must hold. CRASH_KILLS and CRASH_RESTARTS set how often. */
import { killAtNamedPoints } from './named-points.ts';
import { restartPostgres } from './postgres.ts';
import { killAtRandom } from './random-kills.ts';
import { createReport } from './report.ts';

const report = createReport();
await killAtRandom(report, Number(process.env.CRASH_KILLS ?? 200));
await killAtNamedPoints(report);
await restartPostgres(report, Number(process.env.CRASH_RESTARTS ?? 20));
report.finish();
