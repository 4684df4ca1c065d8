import { expect, it } from 'vitest';
import { nextTurn } from '../../src/lib/next-event-loop-turn.ts';
import { batchPerTurn, oncePerTurn } from '../../src/lib/once-or-batch-per-turn.ts';

it('runs once in the next turn for all who ask, and again for who asks then', async () => {
  let runs = 0;
  const ask = oncePerTurn(() => {
    runs += 1;
  });
  ask();
  ask();
  expect(runs).toBe(0);
  await nextTurn();
  expect(runs).toBe(1);
  ask();
  await nextTurn();
  expect(runs).toBe(2);
});

it('runs once more where it asks itself', async () => {
  let runs = 0;
  const ask = oncePerTurn(() => {
    runs += 1;
    if (runs < 2) ask();
  });
  ask();
  await nextTurn();
  expect(runs).toBe(1);
  await nextTurn();
  expect(runs).toBe(2);
});

it('hands over what one turn adds as one list, in its order, and never an empty one', async () => {
  const lists: (readonly number[])[] = [];
  const batch = batchPerTurn<number>((items) => lists.push(items));
  batch.add(1);
  batch.add(2);
  expect(batch.waiting()).toEqual([1, 2]);
  expect(lists).toEqual([]);
  await nextTurn();
  expect(lists).toEqual([[1, 2]]);
  batch.flush();
  await nextTurn();
  expect(lists).toEqual([[1, 2]]);
});

it('hands over at once where as many wait as may, and in the next turn what came after them', async () => {
  const lists: (readonly number[])[] = [];
  const batch = batchPerTurn<number>((items) => lists.push(items), 2);
  for (const item of [1, 2, 3]) batch.add(item);
  expect(lists).toEqual([[1, 2]]);
  await nextTurn();
  expect(lists).toEqual([[1, 2], [3]]);
});

it('keeps what is added while it hands over for the next list', async () => {
  const lists: (readonly number[])[] = [];
  const batch = batchPerTurn<number>((items) => {
    lists.push(items);
    if (items.includes(1)) batch.add(2);
  });
  batch.add(1);
  await nextTurn();
  await nextTurn();
  expect(lists).toEqual([[1], [2]]);
});
