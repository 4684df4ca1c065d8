/** Work that is done once per turn of the event loop, however often it is requested. */

/** Returns a function that schedules `run` for the next turn: once for all calls until then. */
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
  /** The items that were added and not handed over yet. */
  waiting(): readonly Item[];
  /** Hands over all waiting items at once. */
  flush(): void;
}

/** Hands over the items added in one turn as one list, in order and never empty; at once when `most` are waiting. */
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
