import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorizeUrl, CALLBACK, post } from '../../support/flow.ts';
import { heldBytes } from '../../support/heap.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const MEGABYTE = 1024 * 1024;
const REQUESTS = 6000;
/** Where the machine is busy. */
const LONG_MS = 180_000;
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const longName = (number: number) => `${number}-`.padEnd(60_000, 'x');

/** So many by ten hands, one after the other each. */
async function byTenHands(count: number, act: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const hand = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: 10 }, hand));
}

it(
  'client_ids of 60 kB at /authorize and /token leave no memory behind',
  async () => {
    const answers: number[] = [];
    const ask = async (number: number) => {
      const client_id = longName(number);
      const isToken = number % 2 === 0;
      const body = isToken
        ? { client_id, grant_type: 'authorization_code', code: 'x' }
        : { client_id, response_type: 'code', redirect_uri: CALLBACK };
      answers.push((await post(server, isToken ? '/token' : '/authorize', body)).status);
    };
    await byTenHands(20, ask);
    const before = heldBytes();
    await byTenHands(700, ask);
    expect(heldBytes() - before).toBeLessThan(20 * MEGABYTE);
    expect(answers.filter((status) => status < 400 || status > 499)).toEqual([]);
    expect((await fetch(authorizeUrl(server, { client_id: 'x' }))).status).toBe(400);
  },
  LONG_MS,
);

it(
  '6,000 clients and resources that nobody registered, with names of 60 kB, are not remembered by name',
  async () => {
    const { clients } = server.gatehouse;
    const before = heldBytes();
    for (let number = 0; number < REQUESTS; number += 1) {
      expect(await clients.find(longName(number))).toBeUndefined();
      if (number % 2 === 0) expect(await clients.resource(`https://${longName(number)}`)).toBeUndefined();
    }
    expect(heldBytes() - before).toBeLessThan(20 * MEGABYTE);
  },
  LONG_MS,
);
