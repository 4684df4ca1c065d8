/** Who holds how many connections, and who most, without a look at all of them. */
import type { Socket } from 'node:net';

export interface Holders {
  add(holder: string, socket: Socket): void;
  /** Nothing happens where it is gone already. */
  remove(holder: string, socket: Socket): void;
  countOf(holder: string): number;
  /** How many those hold that hold most. */
  readonly most: number;
  /** The oldest connection of whoever holds most, for longest so many. */
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
      // Whoever held most alone holds one less now.
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
