/** Limits the number of connections, in all and for one address, so that no single address takes all of them. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressBucket } from '../lib/address-bucket.ts';
import { type AddressRange, isInRanges } from '../lib/ip-address-checks.ts';
import { createHolders, type Holders } from './count-connections-by-address.ts';

export interface Caps {
  readonly most: number;
  readonly mostPerAddress: number;
  /** Proxies, which hold the connections of all users behind them. */
  readonly exempt: readonly AddressRange[];
}

export type Cap = 'max_connections' | 'max_connections_per_address';

/** `holder` is the address, or the /64 of IPv6, that reached its limit, or that loses a connection. */
export type OnRefused = (cap: Cap, holder: string | undefined) => void;

/**
 * A connection counts from the kernel's accept until it is closed, whatever happens in between. One above the limit is
 * reset before TLS or HTTP sees it: nothing is read, written or waited for. With Node's own maxConnections the primary
 * process would pass it from worker to worker endlessly and keep it open.
 *
 * When the limit is reached, the holder with most connections loses its oldest one to a new holder that has fewer even
 * with it: otherwise four addresses with a quarter each, which the timers free every few seconds, kept all others out.
 * Connections that never sent a request are closed first, from the holder with most of these: otherwise 254 addresses with
 * 34 silent connections each displaced connections in use by many users behind one address.
 */
export function createConnectionCap(caps: Caps, onRefused: OnRefused): (server: Server) => Server {
  const holders = createHolders();
  const silent = createHolders();
  const all = new Set<Socket>();

  /** The connections of which the new one may replace one: silent ones first. */
  function findReplaceable(holder: string | undefined): Holders | undefined {
    const countIn = (held: Holders) => (holder === undefined ? 0 : held.countOf(holder));
    const isLess = (held: Holders) => countIn(held) + 1 < held.most;
    if (isLess(silent)) return silent;
    // A holder with silent connections, of which no holder has more, replaces no connection that is in use.
    return countIn(silent) === 0 && isLess(holders) ? holders : undefined;
  }

  function closeOneFor(holder: string | undefined): boolean {
    const oldest = findReplaceable(holder)?.oldestOfMost();
    if (!oldest) return false;
    onRefused('max_connections', oldest.holder);
    release(oldest.socket, oldest.holder);
    oldest.socket.resetAndDestroy();
    return true;
  }

  function findReachedCap(holder: string | undefined): Cap | undefined {
    if (holder !== undefined && holders.countOf(holder) >= caps.mostPerAddress)
      return 'max_connections_per_address';
    return all.size >= caps.most && !closeOneFor(holder) ? 'max_connections' : undefined;
  }

  function release(socket: Socket, holder: string | undefined): void {
    all.delete(socket);
    if (holder === undefined) return;
    holders.remove(holder, socket);
    silent.remove(holder, socket);
  }

  return (server) => {
    const onServed = watchRequests(server);
    const listeners = server.listeners('connection');
    return server.removeAllListeners('connection').on('connection', (socket: Socket) => {
      const { remoteAddress } = socket;
      // The peer closed it already.
      if (remoteAddress === undefined) return void socket.destroy();
      const holder = isInRanges(remoteAddress, caps.exempt) ? undefined : addressBucket(remoteAddress);
      const reached = findReachedCap(holder);
      if (reached) {
        onRefused(reached, reached === 'max_connections' ? undefined : holder);
        return void socket.resetAndDestroy();
      }
      all.add(socket);
      if (holder !== undefined) {
        holders.add(holder, socket);
        silent.add(holder, socket);
        onServed(socket, () => silent.remove(holder, socket));
      }
      socket.once('close', () => release(socket, holder));
      for (const listener of listeners) listener.call(server, socket);
    });
  };
}

/** Calls `onServed` at the first request on a connection, once. */
function watchRequests(server: Server): (socket: Socket, onServed: () => void) => void {
  const silent = new Map<string, () => void>();
  const known = new WeakSet<Socket>();
  // With TLS, a request knows only the TLS socket; the TCP socket below it has the same peer.
  const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  server.prependListener('request', ({ socket }) => {
    if (known.has(socket)) return;
    known.add(socket);
    silent.get(peerOf(socket))?.();
  });
  return (socket, onServed) => {
    const peer = peerOf(socket);
    const forget = () => {
      if (silent.get(peer) === report) silent.delete(peer);
    };
    const report = () => {
      forget();
      onServed();
    };
    silent.set(peer, report);
    socket.once('close', forget);
  };
}
