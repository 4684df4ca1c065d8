/** The issuer's host name, which every language has to find by its own means: so /etc/hosts must have it. */

import { lookup } from 'node:dns/promises';
import { appendFileSync } from 'node:fs';

export const HOST = 'gatehouse.test';

const LINE = `127.0.0.1 ${HOST}`;

/** Adds the line where that is allowed, and says which it is where not. */
export async function nameThisMachine(): Promise<void> {
  if (await isKnown()) return;
  try {
    appendFileSync('/etc/hosts', `${LINE}\n`);
  } catch {
    throw new Error(`the clients must find ${HOST}: add this line to /etc/hosts:\n${LINE}`);
  }
  if (!(await isKnown())) throw new Error(`${HOST} does not lead to 127.0.0.1 although /etc/hosts says so`);
}

async function isKnown(): Promise<boolean> {
  const found = await lookup(HOST, { all: true }).catch(() => []);
  return found.some(({ address }) => address === '127.0.0.1');
}
