/** Password logins: what the machine's processor sets the limit for, and what they cost those beside them. */

import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { createUserAgent } from '../test/support/user-agent.ts';
import { app } from './clients.ts';
import { authorizePath } from './flows.ts';
import { measure } from './measure.ts';
import type { Subject } from './subject.ts';
import { workloads } from './workloads.ts';

const PARAMETERS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const HANDS = 4;

export interface LoginFigures {
  readonly loginsPerSecond: number;
  /** Verifications of the same hash that this machine does with nothing beside them. */
  readonly argon2PerSecond: number;
  /** client_credentials at concurrency 1 while the logins go on. */
  readonly tokenP99Ms: number;
}

export async function measureLogins(
  subject: Subject,
  password: string,
  seconds: number,
): Promise<LoginFigures> {
  const argon2PerSecond = await measureArgon2(password, seconds);
  const loginsPerSecond = await countLogins(subject, password, seconds);
  const tokens = workloads.find(({ name }) => name === 'client_credentials') as (typeof workloads)[number];
  const [, beside] = await Promise.all([
    countLogins(subject, password, seconds + 1),
    measure(subject, tokens, { concurrency: 1, seconds }),
  ]);
  return { loginsPerSecond, argon2PerSecond, tokenP99Ms: beside.p99Ms };
}

async function measureArgon2(password: string, seconds: number): Promise<number> {
  const hash = await argon2.hash(password, PARAMETERS);
  return perSecond(availableParallelism(), seconds, async () => {
    if (!(await argon2.verify(hash, password))) throw new Error('the hash does not verify');
  });
}

/** A new browser each time: the sign-in page, the form, the redirect. */
function countLogins(subject: Subject, password: string, seconds: number): Promise<number> {
  const origin = `http://localhost:${subject.port}`;
  return perSecond(HANDS, seconds, async () => {
    const agent = createUserAgent(origin);
    const page = await agent.open(`${origin}${authorizePath(subject.paths.authorize, app, 'openid')}`);
    const after = await agent.submit(page, { username: 'alice', password });
    if (![...agent.cookies.keys()].some((name) => name.endsWith('session'))) {
      throw new Error(`the login failed (${after.status}): ${after.body.slice(0, 400)}`);
    }
  });
}

async function perSecond(hands: number, seconds: number, act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let count = 0;
  const drive = async () => {
    while (performance.now() < end) {
      await act();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: hands }, drive));
  return count / ((performance.now() - start) / 1000);
}
