/** A long list is handled in order, a hundred at a time. */
import { expect, it } from 'vitest';
import { actInSteps } from '../../src/lib/act-on-list-in-batches.ts';

it('each is acted on once, in order, and other work runs between two steps', async () => {
  const all = Array.from({ length: 201 }, (_, index) => index);
  const steps: (readonly number[])[] = [];
  const turns: number[] = [];
  await actInSteps(all, async (step) => {
    steps.push(step);
    setImmediate(() => turns.push(steps.length));
  });
  expect(steps.map(({ length }) => length)).toEqual([100, 100, 1]);
  expect(steps.flat()).toEqual(all);
  expect(turns).toEqual([1, 2]);
});

it('of nothing there is no step', async () => {
  await actInSteps([], () => Promise.reject(new Error('acted')));
});
