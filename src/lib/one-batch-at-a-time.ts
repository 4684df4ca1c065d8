import { nextTurn } from './next-event-loop-turn.ts';

/**
 * Items that arrive while a transaction runs are written together in the next one: many short writes to the same few
 * rows conflict with each other in a database that several nodes share.
 */
interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** `work` returns one result for each item, in the same order. It gets at most `most` items at once. */
export function oneBatchAtATime<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  most = Number.POSITIVE_INFINITY,
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let isUnderWay = false;

  async function run(): Promise<void> {
    isUnderWay = true;
    // Items that are added in this turn of the event loop join the first batch.
    await nextTurn();
    while (waiting.length > 0) {
      await settle(work, waiting.splice(0, most));
    }
    isUnderWay = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isUnderWay) void run();
    });
}

async function settle<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
  try {
    const results = await work(batch.map(({ item }) => item));
    for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}
