/** Chooses the next request when more have arrived than one turn of the event loop should handle. */
import type { Socket } from 'node:net';
import { addressBucket } from '../lib/address-bucket.ts';
import { type AddressRange, isInRanges } from '../lib/ip-address-checks.ts';
import { oncePerTurn } from '../lib/once-or-batch-per-turn.ts';

/** At most this many waiting requests start in one turn of the event loop: as many as answers are sent together. */
const MOST_PER_TURN = 16;

/** An address, or the /64 of IPv6; for a connection of a trusted proxy, the connection itself. */
export type Owner = string | Socket;

export interface FairQueue {
  ownerOf(socket: Socket): Owner;
  /**
   * Runs `work` at once if no other work waits and the turn of the event loop has been short so far, otherwise when its
   * address is next. Does not run it if the socket is closed by then.
   */
  take(socket: Socket, work: () => void): void;
}

/**
 * Requests that a peer leaves unfinished and then completes on all of its connections at once arrive in one turn of the
 * event loop, and every other client would wait for all of them. The queue takes one request of each address in turn, so a
 * client that sends few is served soon. A proxy holds the connections of many users: there it takes one of each socket. The
 * queue is bounded by the number of connections and by the requests that each may have in progress.
 */
export function createFairQueue(turnMs: number, exempt: readonly AddressRange[]): FairQueue {
  const waiting = new Map<Owner, (() => void)[]>();
  const owners = new WeakMap<Socket, Owner>();
  let startMs: number | undefined;
  let isPlanned = false;

  function ownerOf(socket: Socket): Owner {
    const known = owners.get(socket);
    if (known !== undefined) return known;
    const { remoteAddress = '' } = socket;
    const owner = isInRanges(remoteAddress, exempt) ? socket : addressBucket(remoteAddress);
    owners.set(socket, owner);
    return owner;
  }

  const forgetNextTurn = oncePerTurn(() => {
    startMs = undefined;
  });

  /** Counts all time since the first work of this turn, also what Node ran between the works. */
  function isTimeLeft(): boolean {
    const nowMs = performance.now();
    if (startMs !== undefined) return nowMs - startMs < turnMs;
    startMs = nowMs;
    forgetNextTurn();
    return true;
  }

  function runNext(): void {
    const [next] = waiting;
    if (!next) return;
    const [owner, works] = next;
    const work = works.shift();
    waiting.delete(owner);
    if (works.length > 0) waiting.set(owner, works);
    work?.();
  }

  /** One immediate for each work: between two immediates Node runs the microtasks and ticks that the first one queued. */
  function plan(): void {
    isPlanned = true;
    for (let count = 0; count < MOST_PER_TURN; count += 1) setImmediate(() => isTimeLeft() && runNext());
    setImmediate(() => {
      isPlanned = false;
      if (waiting.size > 0) plan();
    });
  }

  return {
    ownerOf,
    take(socket, work) {
      if (waiting.size === 0 && isTimeLeft()) return work();
      const owner = ownerOf(socket);
      const works = waiting.get(owner) ?? [];
      works.push(() => {
        if (!socket.destroyed) work();
      });
      waiting.set(owner, works);
      if (!isPlanned) plan();
    },
  };
}
