/** Password logins: how many the processor allows, and how much they slow down other requests. */

import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { app } from './clients.ts';
import { type Answer, type Connection, headerOf, openConnection, requestText } from './connection.ts';
import { authorizePath, hostOf } from './flows.ts';
import { FIRST_WARM_UP_SECONDS, measure } from './measure.ts';
import type { Subject } from './subject.ts';
import { expectStatus } from './workload.ts';
import { workloads } from './workloads.ts';

const PARAMETERS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const CONNECTIONS = 4;

export interface LoginFigures {
  readonly loginsPerSecond: number;
  /** Verifications of the same hash that this machine does without other work. */
  readonly argon2PerSecond: number;
  /** client_credentials at concurrency 1 while the logins run. */
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
    measure(subject, tokens, { concurrency: 1, seconds }, FIRST_WARM_UP_SECONDS),
  ]);
  return { loginsPerSecond, argon2PerSecond, tokenP99Ms: beside.p99Ms };
}

async function measureArgon2(password: string, seconds: number): Promise<number> {
  const hash = await argon2.hash(password, PARAMETERS);
  return perSecond(availableParallelism(), seconds, async () => {
    if (!(await argon2.verify(hash, password))) throw new Error('the hash does not verify');
  });
}

/** A new browser each time: the authorization request, the sign-in page, the form. */
async function countLogins(subject: Subject, password: string, seconds: number): Promise<number> {
  const path = authorizePath(subject.paths.authorize, app, 'openid');
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => openConnection(subject.port)),
  );
  const free = [...connections];
  const rate = await perSecond(CONNECTIONS, seconds, async () => {
    const connection = free.pop() as Connection;
    await logIn(subject, connection, path, password);
    free.push(connection);
  });
  for (const connection of connections) connection.close();
  return rate;
}

async function logIn(
  subject: Subject,
  connection: Connection,
  path: string,
  password: string,
): Promise<void> {
  const host = hostOf(subject);
  const asked = expectStatus(await connection.send(requestText(host, { method: 'GET', path })), 302, 303);
  const location = new URL(headerOf(asked, 'location') ?? '', `http://${host}`);
  const cookie = cookieOf(asked);
  const loginPath = location.pathname + location.search;
  const page = expectStatus(
    await connection.send(requestText(host, { method: 'GET', path: loginPath, headers: { cookie } })),
    200,
  );
  const form = { ...hiddenFields(page), username: 'alice', password };
  const headers = { cookie, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
  const answer = await connection.send(requestText(host, { method: 'POST', path: '/login', headers, form }));
  expectStatus(answer, 302, 303);
  if (!/^set-cookie: [^=]*session=/im.test(answer.head)) throw new Error('the login failed');
}

function cookieOf({ head }: Answer): string {
  return [...head.matchAll(/^set-cookie: ([^;]+)/gim)].map(([, pair]) => pair).join('; ');
}

function hiddenFields({ body }: Answer): Record<string, string> {
  const fields = body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g);
  return Object.fromEntries([...fields].map(([, name, value]) => [name, value]));
}

async function perSecond(concurrency: number, seconds: number, act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let count = 0;
  const drive = async () => {
    while (performance.now() < end) {
      await act();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, drive));
  return count / ((performance.now() - start) / 1000);
}
