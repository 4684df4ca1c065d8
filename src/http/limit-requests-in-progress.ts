/** Limits the requests in progress, for each connection and for each address. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FairQueue } from './fair-queue.ts';
import { createShares } from './queue-excess-requests-per-address.ts';

/** Measured over TLS: 1,200 connections that completed 32 requests each at once took 3.2 s of the event loop, with four 0.7 s. */
const MOST_PIPELINED = 4;

/** Fastify does not read their bodies; it reads those of every other method, OPTIONS and DELETE too, before the handler. */
const METHODS_WITHOUT_BODY: readonly string[] = ['GET', 'HEAD'];

export interface UnderWay {
  limit(handler: RequestListener): RequestListener;
  /** Runs `work`, which the end of a request's body starts. */
  endOfBody(request: IncomingMessage, work: () => void): void;
}

/**
 * If a client sends requests without reading the answers, we must keep all answers: one socket could hold megabytes.
 * Browsers and proxies send one request at a time; a client that sends a few before it reads the answers is served. The
 * requests of one address, on all of its connections, start a few at a time. A request that waits for its body does not
 * count yet, so a client that sends bodies slowly stops no other behind the same address. A client that stops in the middle
 * of a body is answered 408: a proxy would report a close without an answer as our failure.
 */
export function createUnderWay(fairQueue: FairQueue, answerTimedOut: (socket: Socket) => void): UnderWay {
  const shares = createShares();
  const unanswered = new WeakMap<Socket, Set<ServerResponse>>();
  const toBeRead = new WeakMap<IncomingMessage, ServerResponse>();
  const ending = new WeakSet<Socket>();

  function unansweredOn(socket: Socket): Set<ServerResponse> {
    const known = unanswered.get(socket);
    if (known) return known;
    const responses = new Set<ServerResponse>();
    unanswered.set(socket, responses);
    // A response that waits for an earlier one of its socket, or whose socket became a tunnel, emits no close.
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
  function endConnection(socket: Socket): void {
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
      if (responses.size >= MOST_PIPELINED) return endConnection(socket);
      responses.add(response);
      response.on('close', release);
      const begin = () => {
        if (!ending.has(socket)) handler(request, response);
      };
      if (!hasBody(request)) return takeShare(socket, response, begin);
      toBeRead.set(request, response);
      request.once('timeout', () => {
        if (responses.size === 1 && !response.headersSent) answerTimedOut(socket);
        else socket.destroy();
      });
      fairQueue.take(socket, begin);
    },
    endOfBody(request, work) {
      const { socket } = request;
      const response = toBeRead.get(request);
      // The request was answered already, or its connection is closed.
      if (!response || !unanswered.get(socket)?.has(response)) return fairQueue.take(socket, work);
      takeShare(socket, response, work);
    },
  };
}

function hasBody({ method = '', headers }: IncomingMessage): boolean {
  if (METHODS_WITHOUT_BODY.includes(method)) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The return value by which Node's parser takes the rest of the input as not HTTP (an upgrade). */
const SKIP_REST = 2;

/**
 * Node's parser emits every request of the 64 kB that it read, even when the socket is destroyed (measured, Node 20 and 24:
 * 150 sockets of small requests kept all other clients waiting for two seconds).
 */
function stopParsing({ parser }: Socket & { parser?: { onIncoming: () => number } | null }): void {
  if (parser) parser.onIncoming = () => SKIP_REST;
}
