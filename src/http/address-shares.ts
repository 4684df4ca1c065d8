/** Which requests of an address are under way, and which wait until one of them has ended. */
import type { ServerResponse } from 'node:http';
import type { Owner } from './fair-queue.ts';

/**
 * Measured on PostgreSQL, with 700 connections of one address that begin sign-ins: others wait 28 ms for one of theirs
 * with 16, 44 ms with 32 and 65 ms with 64; it was 1.6 s, and some were 503. The flood is answered 1,070, 1,190 and
 * 1,270 times a second: more than 32 bring an honest crowd behind one address little.
 */
const MOST_OF_ADDRESS = 32;

export interface Shares {
  /** Runs it at once where its owner has a place left, otherwise when one is left for it. */
  take(owner: Owner, response: ServerResponse, begin: () => void): void;
  /** Gives its place to the next, or ends its waiting. Nothing happens where it has neither. */
  leave(owner: Owner, response: ServerResponse): void;
}

interface Crowd {
  readonly underWay: Set<ServerResponse>;
  readonly waiting: Map<ServerResponse, () => void>;
}

/**
 * A request may wait for a database connection, of which there are a few for everybody. Whoever has thousands of
 * requests under way would have all of these, and others come after them. There is no bound for all together: requests
 * of some that wait long, as for an answer from elsewhere, must not stop the others. A connection of a proxy is an
 * owner by itself, and bounded as a connection.
 */
export function createShares(): Shares {
  const crowds = new Map<string, Crowd>();

  function crowdOf(owner: string): Crowd {
    const known = crowds.get(owner);
    if (known) return known;
    const crowd = { underWay: new Set<ServerResponse>(), waiting: new Map<ServerResponse, () => void>() };
    crowds.set(owner, crowd);
    return crowd;
  }

  return {
    take(owner, response, begin) {
      if (typeof owner !== 'string') return begin();
      const { underWay, waiting } = crowdOf(owner);
      if (underWay.size >= MOST_OF_ADDRESS) return void waiting.set(response, begin);
      underWay.add(response);
      begin();
    },
    leave(owner, response) {
      const crowd = typeof owner === 'string' ? crowds.get(owner) : undefined;
      if (!crowd || crowd.waiting.delete(response) || !crowd.underWay.delete(response)) return;
      const [next] = crowd.waiting;
      if (next) {
        crowd.waiting.delete(next[0]);
        crowd.underWay.add(next[0]);
        next[1]();
      } else if (crowd.underWay.size === 0) crowds.delete(owner as string);
    },
  };
}
