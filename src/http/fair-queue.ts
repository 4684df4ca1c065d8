/** Whose request comes next where more have come than one turn of the event loop should handle. */
import type { Socket } from 'node:net';
import { type AddressRange, addressBucket, isInRanges } from '../lib/ip.ts';
import { oncePerTurn } from '../lib/per-turn.ts';

/** Of those that wait, so many at most are begun in one turn of the event loop: as many as leave together. */
const TOGETHER = 16;

/** An address, or the /64 of IPv6; a connection where a trusted proxy holds it. */
export type Owner = string | Socket;

export interface FairQueue {
  ownerOf(socket: Socket): Owner;
  /**
   * Runs the work: at once where nobody waits and the turn of the event loop is still short, otherwise when its address
   * is next. Not at all where the socket is gone by then.
   */
  take(socket: Socket, work: () => void): void;
}

/**
 * What a peer holds back and then ends on all of its connections at once comes in one turn of the event loop, and
 * everybody else would wait for all of it. Addresses come one after the other, each with one work, so whoever sends
 * little is soon through. Proxies hold everybody's connections: there it is socket by socket. What waits is bounded by
 * the connections, and by what each may have under way.
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

  /** All that was done since the first work of this turn counts, what the works left to be done too. */
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

  /** One by one: between two immediates Node runs what the first of them left to be done. */
  function plan(): void {
    isPlanned = true;
    for (let count = 0; count < TOGETHER; count += 1) setImmediate(() => isTimeLeft() && runNext());
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
