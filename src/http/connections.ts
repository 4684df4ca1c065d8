/** How many connections there are, and how many one address may hold, so that nobody alone takes all of them. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type AddressRange, addressBucket, isInRanges } from '../lib/ip.ts';
import { createHolders } from './holders.ts';

export interface Caps {
  readonly most: number;
  readonly mostPerAddress: number;
  /** Proxies hold everybody's connections. */
  readonly exempt: readonly AddressRange[];
}

export type Cap = 'max_connections' | 'max_connections_per_address';

/** `holder` is the address, or the /64 of IPv6, that holds as many as it may, or most of all. */
export type OnRefused = (cap: Cap, holder: string | undefined) => void;

/**
 * Counted from the kernel's accept until the close, whatever becomes of a connection. One too many is reset before TLS
 * or HTTP hear of it: nothing is read, written or waited for. By Node's own maxConnections the first process would pass
 * it from worker to worker, without an end, and keep it open.
 *
 * Where all places are taken, whoever holds most loses one, the oldest, to whoever would hold fewer even then: four
 * addresses with a quarter each, which the timers free every few seconds, kept everybody else out.
 */
export function createCappedDoor(caps: Caps, onRefused: OnRefused): (server: Server) => Server {
  const holders = createHolders();
  const all = new Set<Socket>();

  function isRoomMade(ownCount: number): boolean {
    if (holders.most <= ownCount + 1) return false;
    const loser = holders.oldestOfMost();
    if (!loser) return false;
    onRefused('max_connections', loser.holder);
    release(loser.socket, loser.holder);
    loser.socket.resetAndDestroy();
    return true;
  }

  function findFull(holder: string | undefined): Cap | undefined {
    const ownCount = holder === undefined ? 0 : holders.countOf(holder);
    if (all.size >= caps.most && !isRoomMade(ownCount)) return 'max_connections';
    const isFull = holder !== undefined && ownCount >= caps.mostPerAddress;
    return isFull ? 'max_connections_per_address' : undefined;
  }

  function release(socket: Socket, holder: string | undefined): void {
    all.delete(socket);
    if (holder !== undefined) holders.remove(holder, socket);
  }

  return (server) => {
    const takers = server.listeners('connection');
    return server.removeAllListeners('connection').on('connection', (socket: Socket) => {
      const { remoteAddress } = socket;
      // Gone already.
      if (remoteAddress === undefined) return void socket.destroy();
      const holder = isInRanges(remoteAddress, caps.exempt) ? undefined : addressBucket(remoteAddress);
      const full = findFull(holder);
      if (full) {
        onRefused(full, full === 'max_connections' ? undefined : holder);
        return void socket.resetAndDestroy();
      }
      all.add(socket);
      if (holder !== undefined) holders.add(holder, socket);
      socket.once('close', () => release(socket, holder));
      for (const take of takers) take.call(server, socket);
    });
  };
}
