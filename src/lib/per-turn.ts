/** What is done once in a turn of the event loop, however often it is asked for. */

/** The function that it gives sees to it that `run` is called in the next turn: once for all calls until then. */
export function oncePerTurn(run: () => void): () => void {
  let isPlanned = false;
  function begin(): void {
    isPlanned = false;
    run();
  }
  return () => {
    if (isPlanned) return;
    isPlanned = true;
    setImmediate(begin);
  };
}

export interface Batch<Item> {
  add(item: Item): void;
  /** What was added and not yet handed over. */
  waiting(): readonly Item[];
  /** Hands over at once what waits. */
  flush(): void;
}

/** Hands over as one list what is added in one turn, in its order; never an empty list. At once where `most` wait. */
export function batchPerTurn<Item>(
  handOver: (items: readonly Item[]) => void,
  most = Number.POSITIVE_INFINITY,
): Batch<Item> {
  let waiting: Item[] = [];
  function flush(): void {
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    handOver(items);
  }
  const flushNextTurn = oncePerTurn(flush);
  return {
    add(item) {
      waiting.push(item);
      if (waiting.length >= most) flush();
      else flushNextTurn();
    },
    waiting: () => waiting,
    flush,
  };
}
