/** Counts the connections of each holder, and knows which holder has most without iterating over all of them. */
import type { Socket } from 'node:net';

export interface Holders {
  add(holder: string, socket: Socket): void;
  /** Does nothing if it was removed already. */
  remove(holder: string, socket: Socket): void;
  countOf(holder: string): number;
  /** The largest number of connections that one holder has. */
  readonly most: number;
  /** The oldest connection of the holder with most; of several, the one that has had that number for longest. */
  oldestOfMost(): { readonly holder: string; readonly socket: Socket } | undefined;
}

/**
 * Counts sockets by `holder`, a text such as an address or the /64 of an IPv6 address. Each call takes the same time,
 * however many holders there are.
 */
export function createHolders(): Holders {
  const held = new Map<string, Set<Socket>>();
  const byCount = new Map<number, Set<string>>();
  let most = 0;

  function leave(holder: string, count: number): void {
    const holders = byCount.get(count);
    holders?.delete(holder);
    if (holders?.size === 0) byCount.delete(count);
  }

  function enter(holder: string, count: number): void {
    const holders = byCount.get(count) ?? new Set();
    byCount.set(count, holders.add(holder));
  }

  return {
    add(holder, socket) {
      const sockets = held.get(holder) ?? new Set();
      leave(holder, sockets.size);
      held.set(holder, sockets.add(socket));
      enter(holder, sockets.size);
      most = Math.max(most, sockets.size);
    },
    remove(holder, socket) {
      const sockets = held.get(holder);
      if (!sockets?.delete(socket)) return;
      leave(holder, sockets.size + 1);
      if (sockets.size === 0) held.delete(holder);
      else enter(holder, sockets.size);
      // If it was the only holder with most, it still has one less than that.
      if (!byCount.has(most)) most -= 1;
    },
    countOf: (holder) => held.get(holder)?.size ?? 0,
    get most() {
      return most;
    },
    oldestOfMost() {
      const [holder = ''] = byCount.get(most) ?? [];
      const [socket] = held.get(holder) ?? [];
      return socket && { holder, socket };
    },
  };
}
