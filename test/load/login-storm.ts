/** Ten times as many logins as the machine can verify: most are told to come back, and everybody else is served. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { type Connection, headerOf, openConnection, requestText } from '../../bench/connection.ts';
import { newBrowser } from '../crash/client.ts';
import type { Report } from '../crash/report.ts';
import type { Scene } from '../faults/scene.ts';
import { formOf } from '../support/user-agent.ts';
import { askWhile, durationsOf, portOf } from './honest.ts';

const TIMES = 10;
const STORM_MS = 6000;
/** As many as the queue lets wait, and those who are told to come back: they alone make the storm's rate. */
const WAITING_HANDS = 65;
const SHED_HANDS = 30;
const CAPACITY_MS = 1500;
const QUICK_MS = 50;

export async function stormLogins(report: Report, scene: Scene): Promise<void> {
  const perSecond = await measureCapacity();
  report.say(`login storm: argon2 does ${Math.round(perSecond)} verifications per second here`);
  const statuses = new Map<number, number>();
  let withoutRetry = 0;
  const beside = await askWhile(
    scene,
    storm(scene, TIMES * perSecond, (status, retryAfter) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if ((status === 429 || status === 503) && !(Number(retryAfter) >= 1)) withoutRetry += 1;
    }),
  );
  const of = (...wanted: number[]) => wanted.reduce((sum, status) => sum + (statuses.get(status) ?? 0), 0);
  const all = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  report.say(`login storm: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`);
  report.expect(
    'login storm: answers that are neither looked at nor told to come back',
    all - of(200, 401, 429, 503),
    0,
  );
  report.expect('login storm: most are told to come back', String(of(429, 503) > all / 2), 'true');
  report.expect('login storm: told to come back without Retry-After', withoutRetry, 0);
  for (const [name, times] of beside) {
    const { p99Ms, worstMs } = durationsOf(times);
    report.atMost(`login storm: p99 of ${name}, ms (the worst ${worstMs})`, p99Ms, QUICK_MS);
  }
}

async function measureCapacity(): Promise<number> {
  const hash = await argon2.hash('password', { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 });
  const endMs = performance.now() + CAPACITY_MS;
  let count = 0;
  const work = async () => {
    for (; performance.now() < endMs; count += 1) await argon2.verify(hash, 'password');
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return count / (CAPACITY_MS / 1000);
}

/** Names that nobody has cost as much as names that somebody has, and no account is throttled. */
async function storm(
  scene: Scene,
  perSecond: number,
  answered: (status: number, retryAfter: string | undefined) => void,
): Promise<void> {
  const { gatehouse } = scene;
  const agent = newBrowser(gatehouse);
  const page = await agent.open(`${gatehouse.origin}/login`);
  const { fields } = formOf(page, ['username', 'password']);
  const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const attempt = async (connection: Connection) => {
    const [a = 0, b = 0, c = 0] = randomBytes(3);
    const text = requestText(new URL(gatehouse.origin).host, {
      method: 'POST',
      path: '/login',
      headers: { cookie, origin: gatehouse.origin, 'x-forwarded-for': `100.${a}.${b}.${c}` },
      form: { ...fields, username: randomBytes(6).toString('hex'), password: 'a password that is wrong' },
    });
    const answer = await connection.send(text);
    answered(answer.status, headerOf(answer, 'retry-after'));
  };
  const endMs = performance.now() + STORM_MS;
  const hand = async () => {
    const connection = await openConnection(portOf(scene));
    while (performance.now() < endMs) {
      await attempt(connection);
      await new Promise((resolve) => setTimeout(resolve, (1000 * SHED_HANDS) / perSecond));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: WAITING_HANDS + SHED_HANDS }, hand));
}
