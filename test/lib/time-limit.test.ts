import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { within } from '../../src/lib/time-limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<string>(() => {});

it('gives what the work gives, and keeps no timer', async () => {
  await expect(within(1000, Promise.resolve('done'), () => 'late')).resolves.toBe('done');
  await expect(within(1000, Promise.reject(new Error('broken')), () => 'late')).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});

it('gives after the limit, and not before, what is given then', async () => {
  let given: string | undefined;
  void within(1000, never, () => 'late').then((value) => {
    given = value;
  });
  await vi.advanceTimersByTimeAsync(999);
  expect(given).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(given).toBe('late');
});

it('rejects after the limit where that throws', async () => {
  const waited = within(1000, never, () => {
    throw new Error('too late');
  });
  const expected = expect(waited).rejects.toThrow('too late');
  await vi.advanceTimersByTimeAsync(1000);
  await expected;
});
