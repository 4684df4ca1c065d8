import { describe, expect, it } from 'vitest';
import { type Bounds, createSlots, NoSlotError } from '../../src/outbound/concurrency-limits.ts';

const BOUNDS: Bounds = { total: 4, each: 2, waitingEach: 3, waiting: 5, fairMs: 60_000, limitMs: 60_000 };

/** Work that ends when the test calls `end`. */
function scene(bounds: Partial<Bounds> = {}) {
  const slots = createSlots({ ...BOUNDS, ...bounds });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string) =>
    slots
      .run(name.slice(0, 1), () => {
        begun.push(name);
        return new Promise<string>((resolve) => ends.set(name, () => resolve(`${name} done`)));
      })
      .catch((error: Error) => error);
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((done) => setImmediate(done));
  };
  const settled = () => new Promise((done) => setImmediate(done));
  return { run, end, begun, settled };
}

describe('slots for work that waits for hosts', () => {
  it('one key uses at most its share of slots, and its next work starts when one has ended', async () => {
    const { run, end, begun, settled } = scene();
    const runs = ['a1', 'a2', 'a3', 'b1'].map(run);
    await settled();
    expect(begun).toEqual(['a1', 'a2', 'b1']);
    await end('a2');
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
    expect(await runs[1]).toBe('a2 done');
  });

  it('keys take turns: much waiting work of one key does not delay work of another', async () => {
    const { run, end, begun, settled } = scene({ total: 1 });
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1']) void run(name);
    await settled();
    for (const name of ['a1', 'a2', 'b1']) await end(name);
    expect(begun).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  it('work that has had its time is aborted for waiting work, the oldest first', async () => {
    const { run, begun, settled } = scene({ fairMs: 0 });
    const runs = ['a1', 'b1', 'c1', 'd1', 'e1'].map(run);
    await settled();
    expect(begun).toEqual(['a1', 'b1', 'c1', 'd1', 'e1']);
    expect(await runs[0]).toBeInstanceOf(NoSlotError);
  });

  it('waiting work starts by itself as soon as other work has had its time', async () => {
    const { run, end } = scene({ fairMs: 20 });
    const runs = ['a1', 'b1', 'c1', 'd1', 'e1'].map(run);
    expect(await runs[0]).toBeInstanceOf(NoSlotError);
    await end('e1');
    expect(await runs[4]).toBe('e1 done');
  });

  it('work is rejected when too much is waiting', async () => {
    const { run } = scene();
    const runs = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'].map(run);
    expect(await runs[5]).toBeInstanceOf(NoSlotError);
  });

  it('the time limit includes waiting, and failed work frees its slot', async () => {
    const { run } = scene({ limitMs: 30 });
    const outcomes = await Promise.all(['a1', 'a2', 'a3'].map(run));
    expect(outcomes.map(String)).toEqual(Array(3).fill('Error: no answer within 30 ms'));
    const slots = createSlots({ ...BOUNDS, each: 1 });
    await expect(slots.run('a', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await expect(slots.run('a', async () => 'again')).resolves.toBe('again');
  });
});
