/** How many connections there are, and how many one address may hold, so that nobody alone takes all of them. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type AddressRange, addressBucket, isInRanges } from '../lib/ip.ts';
import { createHolders, type Holders } from './connection-holders.ts';

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
 * Where all places are taken, somebody loses the oldest connection to whoever would hold fewer even then: four addresses
 * with a quarter each, which the timers free every few seconds, kept everybody else out. Those that never sent a request
 * go first, of whoever holds most of these: 254 addresses with 34 silent ones each pushed out the connections of a
 * crowd behind one address that were in use.
 */
export function createConnectionCap(caps: Caps, onRefused: OnRefused): (server: Server) => Server {
  const holders = createHolders();
  const silent = createHolders();
  const all = new Set<Socket>();

  /** Of whom the newcomer may take a place. */
  function whoLoses(holder: string | undefined): Holders | undefined {
    const countIn = (held: Holders) => (holder === undefined ? 0 : held.countOf(holder));
    const isLess = (held: Holders) => countIn(held) + 1 < held.most;
    if (isLess(silent)) return silent;
    // Whoever has silent ones, of which nobody has more, takes nothing from those that are in use.
    return countIn(silent) === 0 && isLess(holders) ? holders : undefined;
  }

  function isRoomMade(holder: string | undefined): boolean {
    const loser = whoLoses(holder)?.oldestOfMost();
    if (!loser) return false;
    onRefused('max_connections', loser.holder);
    release(loser.socket, loser.holder);
    loser.socket.resetAndDestroy();
    return true;
  }

  function findFull(holder: string | undefined): Cap | undefined {
    if (holder !== undefined && holders.countOf(holder) >= caps.mostPerAddress)
      return 'max_connections_per_address';
    return all.size >= caps.most && !isRoomMade(holder) ? 'max_connections' : undefined;
  }

  function release(socket: Socket, holder: string | undefined): void {
    all.delete(socket);
    if (holder === undefined) return;
    holders.remove(holder, socket);
    silent.remove(holder, socket);
  }

  return (server) => {
    const onServed = watchRequests(server);
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
      if (holder !== undefined) {
        holders.add(holder, socket);
        silent.add(holder, socket);
        onServed(socket, () => silent.remove(holder, socket));
      }
      socket.once('close', () => release(socket, holder));
      for (const take of takers) take.call(server, socket);
    });
  };
}

/** Tells of the first request on a connection, once. */
function watchRequests(server: Server): (socket: Socket, onServed: () => void) => void {
  const silent = new Map<string, () => void>();
  const known = new WeakSet<Socket>();
  // Of TLS, a request knows the upper layer alone; both have the same peer.
  const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  server.prependListener('request', ({ socket }) => {
    if (known.has(socket)) return;
    known.add(socket);
    silent.get(peerOf(socket))?.();
  });
  return (socket, onServed) => {
    const peer = peerOf(socket);
    const forget = () => {
      if (silent.get(peer) === tell) silent.delete(peer);
    };
    const tell = () => {
      forget();
      onServed();
    };
    silent.set(peer, tell);
    socket.once('close', forget);
  };
}
