import { expect, it } from 'vitest';
import { createAllowance } from '../../src/lib/token-bucket-rate-limit.ts';

let nowMs = 1_000_000;
const clock = { nowMs: () => nowMs };

it('gives so much at once, and then so much a second, to each by itself', () => {
  const allowance = createAllowance(clock, { atOnce: 10, perSecond: 2 });
  for (let taken = 0; taken < 10; taken += 1) expect(allowance.take('192.0.2.1', 1)).toBe(0);
  expect(allowance.take('192.0.2.1', 1)).toBe(1);
  expect(allowance.take('192.0.2.1', 4)).toBe(2);
  expect(allowance.take('192.0.2.2', 10)).toBe(0);
  nowMs += 500;
  expect([allowance.take('192.0.2.1', 1), allowance.take('192.0.2.1', 1)]).toEqual([0, 1]);
  nowMs += 60_000;
  expect([allowance.take('192.0.2.1', 11), allowance.take('192.0.2.1', 10)]).toEqual([1, 0]);
});

it('a clock that goes back makes nobody wait', () => {
  const allowance = createAllowance(clock, { atOnce: 10, perSecond: 2 });
  expect(allowance.take('192.0.2.3', 10)).toBe(0);
  nowMs -= 600_000;
  expect([allowance.take('192.0.2.3', 10), allowance.take('192.0.2.3', 1)]).toEqual([0, 1]);
});
