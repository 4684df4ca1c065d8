/** Creates the HTTP servers with their time limits and connection limits. */
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerBrokenRequest, sendFinalError } from './answer-malformed-or-slow-request.ts';
import { boundHellos } from './bounded-client-hello.ts';
import { MOST_HEADERS } from './check-request-head.ts';
import { boundRequests } from './close-connection-on-long-body.ts';
import type { HttpContext } from './context.ts';
import { createFairQueue } from './fair-queue.ts';
import { type Cap, type Caps, createConnectionCap } from './limit-connections.ts';
import { createUnderWay } from './limit-requests-in-progress.ts';
import { wrongMethod } from './method-not-allowed-and-preflight.ts';
import type { tlsOptions } from './tls-options.ts';

/** How long a socket may stay in each state before it is closed. */
export interface SocketTimes {
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** A socket without traffic in either direction; Node notices a stopped reader at its second check. */
  readonly idleMs: number;
  /** For the peer to read the last answer on a socket. */
  readonly finalErrorMs: number;
  /** How often Node checks the limits. */
  readonly checkMs: number;
  /** How long one turn of the event loop handles requests; later ones wait for the next turn. */
  readonly turnMs: number;
}

/** A slow sender holds a socket for seconds (measured: Node's defaults are unlimited and minutes). */
export const socketTimes: SocketTimes = {
  handshakeMs: 5000,
  headersMs: 5000,
  requestMs: 10_000,
  keepAliveMs: 10_000,
  idleMs: 7000,
  finalErrorMs: 1000,
  checkMs: 2000,
  // Measured with 64 connections: at 1 ms fewer requests share a commit; revocations drop by 40 %, code flows by 25 %.
  turnMs: 10,
};

/** Creates the servers of one listening address, which share its limits: a name such as localhost has several addresses. */
export function createServers(
  context: HttpContext,
  caps: Caps,
  times = socketTimes,
): (handler: RequestListener, tls?: ReturnType<typeof tlsOptions>) => Server {
  const capConnections = createConnectionCap(caps, reportRefusals(context));
  const fairQueue = createFairQueue(times.turnMs, caps.exempt);
  const answer = (socket: Duplex, say: () => void) => fairQueue.take(socket as Socket, say);
  const answerBroken = (error: { readonly code?: string }, socket: Duplex) =>
    answer(socket, () => answerBrokenRequest(context, error, socket, times.finalErrorMs));
  const underWay = createUnderWay(fairQueue, (socket) =>
    answerBroken({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }, socket),
  );
  return (handler, tls) => {
    const limited = underWay.limit(handler);
    const options = {
      ...timeOptions(times),
      requireHostHeader: false,
      IncomingMessage: boundRequests(underWay),
    };
    const server = tls
      ? boundHellos(
          createHttpsServer({ ...options, ...tls, handshakeTimeout: times.handshakeMs }, limited),
          times.handshakeMs,
          fairQueue,
        )
      : createHttpServer(options, limited);
    server.maxHeadersCount = MOST_HEADERS + 1;
    server.setTimeout(times.idleMs);
    // check-request-head.ts checks Expect, with the other headers.
    server.on('checkExpectation', limited);
    server.on('connect', (_request, socket) => {
      // Node removed its own listeners before this; without one, a reset while the answer waits would end the process.
      socket.on('error', () => socket.destroy());
      answer(socket, () => sendFinalError(context, socket, wrongMethod(['GET', 'POST']), times.finalErrorMs));
    });
    server.on('clientError', answerBroken);
    return capConnections(server);
  };
}

function timeOptions({ headersMs, requestMs, keepAliveMs, checkMs }: SocketTimes): ServerOptions {
  return {
    requestTimeout: requestMs,
    headersTimeout: headersMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkMs,
  };
}

const REPORT_EVERY_MS = 60_000;

/** Counts each refusal, and logs one a minute for each limit, so that refused peers cannot fill the log. */
function reportRefusals({ clock, log, metrics }: HttpContext) {
  const loggedMs = new Map<Cap, number>();
  return (cap: Cap, holder: string | undefined) => {
    metrics.refuseConnection(cap);
    const nowMs = clock.nowMs();
    if (nowMs - (loggedMs.get(cap) ?? Number.NEGATIVE_INFINITY) < REPORT_EVERY_MS) return;
    loggedMs.set(cap, nowMs);
    log.warn({ setting: cap, ...(holder !== undefined && { address: holder }) }, 'connections are refused');
  };
}
