/** PostgreSQL stopped at once and started again, under load: the clients see 503 and nothing worse, and all holds. */
import { startPostgres } from '../support/postgres.ts';
import type { Report } from './report.ts';
import { newHouse, removeHouse, startServer } from './server-process.ts';
import { assemble, newWork } from './set-up.ts';
import { verify, verifyNoReplay } from './verify.ts';
import { runHand } from './workload.ts';

const HANDS = 8;
const UP_MS = 600;
const RECOVERY_LIMIT_MS = 10_000;

export async function restartPostgres(report: Report, restarts: number): Promise<void> {
  if (process.env.TEST_DATABASE_URL !== undefined) {
    report.say('PostgreSQL restarts: skipped, as the server of TEST_DATABASE_URL is not ours to restart');
    return;
  }
  const postgres = await startPostgres();
  const gatehouse = await newHouse({ GATEHOUSE_DATABASE: postgres.url });
  const running = await startServer(gatehouse);
  const work = await newWork(gatehouse, assemble(gatehouse));
  const hands = Array.from({ length: HANDS }, (_unused, hand) => runHand(work, hand));
  let slowestMs = 0;
  for (let restart = 0; restart < restarts; restart += 1) {
    await new Promise((resolve) => setTimeout(resolve, UP_MS));
    await postgres.restart();
    slowestMs = Math.max(slowestMs, await untilReady(gatehouse.origin));
  }
  work.isOver = true;
  const faults = (await Promise.all(hands)).flat();
  for (const fault of faults.slice(0, 5)) report.say(`fault: ${fault.message}`);
  await verify(work, report, Number.POSITIVE_INFINITY);
  const replayed = await verifyNoReplay(work, report);
  report.say(`PostgreSQL: ${work.ledger.operations} operations answered, ${replayed} codes spent`);
  report.expect(
    `${restarts} immediate restarts: answers that are neither as they should be nor 503`,
    faults.length,
    0,
  );
  report.atMost(
    'slowest recovery without a restart of Gatehouse, ms',
    Math.round(slowestMs),
    RECOVERY_LIMIT_MS,
  );
  await running.kill();
  await postgres.stop();
  removeHouse(gatehouse);
}

async function untilReady(origin: string): Promise<number> {
  const startMs = performance.now();
  while ((await fetch(`${origin}/health/ready`)).status !== 200) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - startMs;
}
