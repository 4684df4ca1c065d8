/** After a restart on a database that is there: at least one flush of the disk before each answer to a write. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { post } from '../crash/client.ts';
import type { Report } from '../crash/report.ts';
import { startServer } from '../crash/server-process.ts';
import { newCode, openScene, redeem, type UnspentCode } from './scene.ts';
import { attach, whyNoStrace } from './strace.ts';

const WRITES = 50;

export async function countFlushes(report: Report): Promise<void> {
  const reason = whyNoStrace();
  if (reason !== undefined) return report.say(`flushes: skipped, as ${reason}`);
  const scene = await openScene();
  await scene.running.kill();
  const running = await startServer(scene.gatehouse);
  const codes: UnspentCode[] = [];
  while (codes.length < WRITES) codes.push(await newCode(scene));
  const trace = join(scene.gatehouse.directory, 'trace');
  const calls = ['-o', trace, '-s', '40', '-e', 'trace=fdatasync,fsync,write,writev,sendto'];
  const watching = await attach(running.child.pid ?? 0, calls);
  let answered = 0;
  for (const code of codes) {
    const { status, body } = await redeem(scene, code);
    const gone = await post(scene.gatehouse, '/revoke', {
      token: body.refresh_token,
      client_id: scene.clients.app,
    });
    answered += Number(status === 200) + Number(gone.status === 200);
  }
  await watching.detach();
  const { answers, uncovered, flushes } = readTrace(readFileSync(trace, 'utf8'));
  report.expect('flushes: writes acknowledged', answered, 2 * WRITES);
  report.expect('flushes: answers seen by strace', answers, 2 * WRITES);
  report.expect('flushes: answers without a flush since the answer before', uncovered, 0);
  report.say(`flushes: ${flushes} fdatasync or fsync for ${answers} answers`);
  await running.kill();
  await scene.end();
}

/** One request at a time: each answer must have a flush of its own before it. */
function readTrace(text: string): { answers: number; uncovered: number; flushes: number } {
  let [answers, uncovered, flushes, since] = [0, 0, 0, 0];
  for (const line of text.split('\n')) {
    if (/\bf(data)?sync\(|f(data)?sync resumed/.test(line) && /= 0/.test(line)) {
      flushes += 1;
      since += 1;
    } else if (/HTTP\/1\.1 200/.test(line)) {
      answers += 1;
      if (since === 0) uncovered += 1;
      since = 0;
    }
  }
  return { answers, uncovered, flushes };
}
