/** How many requests a connection, and how many an address, may have under way. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createShares } from './address-shares.ts';
import type { FairQueue } from './fair-queue.ts';

/** Measured over TLS: 1,200 connections that ended 32 each at once were 3.2 s of the event loop, with four 0.7 s. */
const MOST_PIPELINED = 4;

/** Whose body nobody reads; that of every other is read before anything else is done (fastify, of OPTIONS and DELETE too). */
const METHODS_WITHOUT_BODY: readonly string[] = ['GET', 'HEAD'];

export interface UnderWay {
  limit(handler: RequestListener): RequestListener;
  /** Runs what the end of a request's body brings about. */
  goOn(request: IncomingMessage, work: () => void): void;
}

/**
 * Whoever sends requests without reading the answers makes us keep all of them: one socket could hold megabytes.
 * Browsers and proxies send one at a time; whoever sends a few before the answers came is answered. What an address
 * sends on all of its connections together is begun by and by; one that waits for its body has no place yet, so whoever
 * sends bodies slowly stops nobody behind the same address. Whoever stops in the middle of one is told: a proxy takes a close
 * without an answer for a failure of ours.
 */
export function createUnderWay(fairQueue: FairQueue, answerSilent: (socket: Socket) => void): UnderWay {
  const shares = createShares();
  const unanswered = new WeakMap<Socket, Set<ServerResponse>>();
  const toBeRead = new WeakMap<IncomingMessage, ServerResponse>();
  const ending = new WeakSet<Socket>();

  function unansweredOn(socket: Socket): Set<ServerResponse> {
    const known = unanswered.get(socket);
    if (known) return known;
    const responses = new Set<ServerResponse>();
    unanswered.set(socket, responses);
    // Responses that wait for an earlier one of their socket, or whose socket became a tunnel, are never closed.
    socket.once('close', () => {
      for (const response of responses) shares.leave(fairQueue.ownerOf(socket), response);
      responses.clear();
    });
    return responses;
  }
  function release(this: ServerResponse): void {
    const { socket } = this.req;
    unanswered.get(socket)?.delete(this);
    shares.leave(fairQueue.ownerOf(socket), this);
  }
  function end(socket: Socket): void {
    stopParsing(socket);
    ending.add(socket);
    fairQueue.take(socket, () => socket.destroy());
  }
  function takeShare(socket: Socket, response: ServerResponse, work: () => void): void {
    shares.take(fairQueue.ownerOf(socket), response, () => fairQueue.take(socket, work));
  }
  return {
    limit: (handler) => (request, response) => {
      const { socket } = request;
      if (socket.destroyed) return;
      const responses = unansweredOn(socket);
      if (responses.size >= MOST_PIPELINED) return end(socket);
      responses.add(response);
      response.on('close', release);
      const begin = () => {
        if (!ending.has(socket)) handler(request, response);
      };
      if (!hasBody(request)) return takeShare(socket, response, begin);
      toBeRead.set(request, response);
      request.once('timeout', () => {
        if (responses.size === 1 && !response.headersSent) answerSilent(socket);
        else socket.destroy();
      });
      fairQueue.take(socket, begin);
    },
    goOn(request, work) {
      const { socket } = request;
      const response = toBeRead.get(request);
      // Answered already, or not to be answered.
      if (!response || !unanswered.get(socket)?.has(response)) return fairQueue.take(socket, work);
      takeShare(socket, response, work);
    },
  };
}

function hasBody({ method = '', headers }: IncomingMessage): boolean {
  if (METHODS_WITHOUT_BODY.includes(method)) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What Node takes for "an upgrade, so the rest is not HTTP". */
const NO_MORE = 2;

/**
 * A parser hands on every request of the 64 kB that it has, whatever became of the socket (measured, Node 20 and 24:
 * 150 sockets of small requests were two seconds in which nobody else was answered).
 */
function stopParsing({ parser }: Socket & { parser?: { onIncoming: () => number } | null }): void {
  if (parser) parser.onIncoming = () => NO_MORE;
}
