/** How many connections there are, and how many one address may hold, so that nobody alone takes all of them. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type AddressRange, addressBucket, isInRanges } from '../lib/ip.ts';

export interface Caps {
  readonly most: number;
  readonly mostPerAddress: number;
  /** Proxies hold everybody's connections. */
  readonly exempt: readonly AddressRange[];
}

export type Cap = 'max_connections' | 'max_connections_per_address';

/** `holder` is the address, or the /64 of IPv6, that holds as many as it may. */
export type OnRefused = (cap: Cap, holder: string | undefined) => void;

/**
 * Counted from the kernel's accept until the close, whatever becomes of a connection. One too many is reset before TLS
 * or HTTP hear of it: nothing is read, written or waited for. By Node's own maxConnections the first process would pass
 * it from worker to worker, without an end, and keep it open.
 */
export function createCappedDoor(caps: Caps, onRefused: OnRefused): (server: Server) => Server {
  const held = new Map<string, number>();
  const all = new Set<Socket>();

  function findFull(holder: string | undefined): Cap | undefined {
    if (all.size >= caps.most) return 'max_connections';
    const isFull = holder !== undefined && (held.get(holder) ?? 0) >= caps.mostPerAddress;
    return isFull ? 'max_connections_per_address' : undefined;
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
      socket.once('close', () => all.delete(socket));
      if (holder !== undefined) hold(held, holder, socket);
      for (const take of takers) take.call(server, socket);
    });
  };
}

function hold(held: Map<string, number>, holder: string, socket: Socket): void {
  held.set(holder, (held.get(holder) ?? 0) + 1);
  socket.once('close', () => {
    const left = (held.get(holder) ?? 1) - 1;
    if (left > 0) held.set(holder, left);
    else held.delete(holder);
  });
}
