/** kill -9 at random moments of a life under load. */
import type { Report } from './report.ts';
import { command, newHouse, type Running, removeHouse, startServer } from './server-process.ts';
import { assemble, attackForLong, newWork } from './set-up.ts';
import { verify, verifyNoReplay } from './verify.ts';
import { runHand, type Work } from './workload.ts';

const HANDS = 8;
const [SHORTEST_MS, LONGEST_MS] = [50, 1500];
const READY_LIMIT_MS = 2000;
const SAMPLE = 12;
const CHECK_EVERY = 10;

export async function killAtRandom(report: Report, kills: number): Promise<void> {
  const gatehouse = await newHouse();
  const clients = assemble(gatehouse);
  let running = await startServer(gatehouse);
  const work = await newWork(gatehouse, clients);
  await attackForLong(work);
  let slowestStartMs = 0;
  let faults = 0;
  let dirty = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    faults += await live(work, running, report);
    running = await startServer(gatehouse);
    slowestStartMs = Math.max(slowestStartMs, running.readyAfterMs);
    await verify(work, report, SAMPLE);
    if (kill % CHECK_EVERY === 0) {
      dirty += findings(work).length;
      report.say(`${kill} kills, ${work.ledger.operations} operations answered`);
    }
  }
  await verify(work, report, Number.POSITIVE_INFINITY);
  const replayed = await verifyNoReplay(work, report);
  dirty += findings(work).length;
  await running.kill();
  removeHouse(gatehouse);
  const { chains, lock } = work.ledger;
  report.say(`codes spent: ${replayed}, refresh chains: ${chains.length}, looks at a lock: ${lock.looks}`);
  report.expect('kills survived', kills, kills);
  report.expect('answers that no crash explains', faults, 0);
  report.expect('findings of database check', dirty, 0);
  report.atMost('slowest start to readiness, ms', Math.round(slowestStartMs), READY_LIMIT_MS);
}

/** A life that ends within 1.5 s; gives the answers that no crash explains. */
async function live(work: Work, running: Running, report: Report): Promise<number> {
  work.isOver = false;
  const hands = Array.from({ length: HANDS }, (_unused, hand) => runHand(work, hand));
  await new Promise((resolve) =>
    setTimeout(resolve, SHORTEST_MS + Math.random() * (LONGEST_MS - SHORTEST_MS)),
  );
  await running.kill();
  work.isOver = true;
  const faults = (await Promise.all(hands)).flat();
  for (const fault of faults) report.say(`fault: ${fault.message}`);
  return faults.length;
}

function findings({ gatehouse }: Work): string[] {
  return (command(gatehouse, ['database', 'check']) as { findings: string[] }).findings;
}
