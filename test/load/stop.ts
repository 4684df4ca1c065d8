/** SIGTERM while 500 requests a second come in: every one that was taken is answered. */
import { type Connection, openConnection } from '../../bench/connection.ts';
import type { Report } from '../crash/report.ts';
import type { Scene } from '../faults/scene.ts';
import { askAgainAndAgain, newFailures } from './hands.ts';
import { portOf, type Request, requestsOf } from './honest.ts';

const CONNECTIONS = 25;
const PER_SECOND = 500;
const BEFORE_MS = 2000;
const DRAIN_LIMIT_MS = 10_000;

interface Counts {
  answered: number;
  cut: number;
  wrong: number;
}

export async function stopUnderLoad(report: Report, scene: Scene): Promise<void> {
  const requests = requestsOf(scene);
  const counts: Counts = { answered: 0, cut: 0, wrong: 0 };
  const port = portOf(scene);
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(port)));
  const sending = connections.map((connection, index) => sendAtPace(connection, requests, index, counts));
  const failures = newFailures();
  const hands = askAgainAndAgain(scene, failures);
  await new Promise((resolve) => setTimeout(resolve, BEFORE_MS));
  const before = counts.answered;
  const startMs = performance.now();
  scene.running.child.kill('SIGTERM');
  await scene.running.gone;
  const stopMs = Math.round(performance.now() - startMs);
  await Promise.all([...sending, ...hands]);
  report.say(`stop: ${before} answered before SIGTERM, ${counts.answered - before} after it`);
  report.expect('stop: requests that were cut off', counts.cut, 0);
  report.say(`stop: hands that reconnect: ${failures.answered} answered, ${failures.refused} then refused`);
  report.expect('stop: their requests that were reset', JSON.stringify(failures.broken), '[]');
  report.expect('stop: answers that are not 200', counts.wrong, 0);
  report.expect('stop: exit code', String(scene.running.child.exitCode), '0');
  report.atMost('stop: from SIGTERM to the end, ms', stopMs, DRAIN_LIMIT_MS);
}

/** Until the server says that it closes the connection, as every HTTP client heeds (RFC 9112 §9.6). */
async function sendAtPace(
  connection: Connection,
  requests: readonly Request[],
  first: number,
  counts: Counts,
): Promise<void> {
  for (let turn = first; ; turn += 1) {
    const { text } = requests[turn % requests.length] as Request;
    try {
      const { status, head } = await connection.send(text);
      if (status === 200) counts.answered += 1;
      else counts.wrong += 1;
      if (/^connection: close/im.test(head)) return connection.close();
    } catch {
      counts.cut += 1;
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, (1000 * CONNECTIONS) / PER_SECOND));
  }
}
