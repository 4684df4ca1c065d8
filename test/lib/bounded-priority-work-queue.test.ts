import { expect, it, vi } from 'vitest';
import { createBoundedQueue, QueueFullError } from '../../src/lib/bounded-priority-work-queue.ts';

const CAPACITY = 4;
const LONGEST_WAIT_MS = 5000;

/** One place; what has it ends when it is told to. */
function start() {
  const queue = createBoundedQueue({
    concurrency: 1,
    capacity: CAPACITY,
    longestWaitMs: LONGEST_WAIT_MS,
    retryAfterSeconds: 2,
  });
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const add = (name: string, rank: number) =>
    queue
      .run(async () => {
        order.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
      }, rank)
      .catch((error) => {
        expect(error).toBeInstanceOf(QueueFullError);
        order.push(`${name} refused`);
      });
  const endNext = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, order, add, endNext };
}

it('the lowest rank comes first, and those of one rank as they came', async () => {
  const { order, add, endNext } = start();
  void add('first', 9);
  void add('b', 2);
  void add('c', 2);
  void add('a', 1);
  for (let ended = 0; ended < 4; ended += 1) await endNext();
  expect(order).toEqual(['first', 'a', 'b', 'c']);
});

it('where it is full, a lower rank takes the place of the highest, and no other comes in', async () => {
  const { queue, order, add, endNext } = start();
  void add('first', 1);
  for (const rank of [3, 5, 5, 4]) void add(`${rank}`, rank);
  expect([queue.hasRoom(5), queue.hasRoom(4)]).toEqual([false, true]);
  await Promise.all([add('late', 5), add('early', 1)].slice(0, 1));
  for (let ended = 0; ended < 6; ended += 1) await endNext();
  expect(order).toEqual(['first', 'late refused', '5 refused', 'early', '3', '4', '5']);
});

it('who is overtaken again and again gives up', async () => {
  const { order, add, endNext } = start();
  void add('first', 1);
  void add('patient', 9);
  for (let turn = 0; !order.includes('patient refused') && turn < 10 * CAPACITY; turn += 1) {
    void add(`${turn}`, 1);
    await endNext();
  }
  expect(order).toContain('patient refused');
  expect(order.length).toBeGreaterThan(4 * CAPACITY);
});

it('whose turn does not come in time is told so, and leaves the place to others', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { order, add, endNext } = start();
  void add('first', 1);
  const slow = add('slow', 1);
  vi.advanceTimersByTime(LONGEST_WAIT_MS - 1);
  void add('later', 1);
  vi.advanceTimersByTime(1);
  await slow;
  await endNext();
  vi.advanceTimersByTime(LONGEST_WAIT_MS);
  await endNext();
  vi.useRealTimers();
  expect(order).toEqual(['first', 'slow refused', 'later']);
});
