/** Limits the requests of one address that are in progress; further ones wait until one of them ends. */
import type { ServerResponse } from 'node:http';
import type { Owner } from './fair-queue.ts';

/**
 * Measured on PostgreSQL, with 700 connections of one address that begin sign-ins. A request from another address takes
 * 28 ms with a limit of 16, 44 ms with 32 and 65 ms with 64; without a limit it took 1.6 s, and some were answered 503. The
 * flooding address gets 1,070, 1,190 and 1,270 answers a second: above 32, many real users behind one address gain little.
 */
const MOST_PER_ADDRESS = 32;

export interface Shares {
  /** Runs `begin` at once if its owner is below the limit, otherwise when a request of the owner ends. */
  take(owner: Owner, response: ServerResponse, begin: () => void): void;
  /** Gives the place of this request to the next one, or removes it from the waiting ones. Otherwise does nothing. */
  leave(owner: Owner, response: ServerResponse): void;
}

interface AddressRequests {
  readonly underWay: Set<ServerResponse>;
  readonly waiting: Map<ServerResponse, () => void>;
}

/**
 * A request may wait for a database connection, and all requests share a few of these. An address with thousands of
 * requests in progress would occupy all of them, and other requests would wait behind it. There is no limit for all
 * addresses together: requests that take long, for example because they wait for another server, must not stop others. A
 * connection of a proxy is its own owner, and is limited as a connection.
 */
export function createShares(): Shares {
  const byAddress = new Map<string, AddressRequests>();

  function requestsOf(owner: string): AddressRequests {
    const known = byAddress.get(owner);
    if (known) return known;
    const requests = { underWay: new Set<ServerResponse>(), waiting: new Map<ServerResponse, () => void>() };
    byAddress.set(owner, requests);
    return requests;
  }

  return {
    take(owner, response, begin) {
      if (typeof owner !== 'string') return begin();
      const { underWay, waiting } = requestsOf(owner);
      if (underWay.size >= MOST_PER_ADDRESS) return void waiting.set(response, begin);
      underWay.add(response);
      begin();
    },
    leave(owner, response) {
      const requests = typeof owner === 'string' ? byAddress.get(owner) : undefined;
      if (!requests || requests.waiting.delete(response) || !requests.underWay.delete(response)) return;
      const [next] = requests.waiting;
      if (next) {
        requests.waiting.delete(next[0]);
        requests.underWay.add(next[0]);
        next[1]();
      } else if (requests.underWay.size === 0) byAddress.delete(owner as string);
    },
  };
}
