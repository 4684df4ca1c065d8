/** The socket's side of HTTP: time limits, the caps and TLS. */
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Settings } from '../config/schema.ts';
import { boundRequests } from './bounded-request.ts';
import { answerBrokenRequest, sendLastWord } from './broken-request.ts';
import { type Cap, type Caps, createConnectionCap } from './connections.ts';
import type { HttpContext } from './context.ts';
import { createFairQueue } from './fair-queue.ts';
import { wrongMethod } from './methods.ts';
import { MOST_HEADERS } from './request-head.ts';
import { createUnderWay } from './requests-under-way.ts';
import { tlsOptions } from './tls.ts';
import { boundHellos } from './tls-hello.ts';

/** For how long a peer may keep a socket from being closed, in each state that it has. */
export interface SocketTimes {
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** A socket on which nothing moves, whoever has to act; Node notices a reader who stopped at its second look. */
  readonly idleMs: number;
  /** To read the last answer on a socket. */
  readonly lastWordMs: number;
  /** How often Node looks. */
  readonly checkMs: number;
  /** For how long one turn of the event loop handles requests; what comes later in it waits for the next. */
  readonly turnMs: number;
}

/** A slow sender holds a socket for seconds, not for ever (measured: the defaults are 0 and minutes). */
export const socketTimes: SocketTimes = {
  handshakeMs: 5000,
  headersMs: 5000,
  requestMs: 10_000,
  keepAliveMs: 10_000,
  idleMs: 7000,
  lastWordMs: 1000,
  checkMs: 2000,
  // Measured with 64 connections: at 1 ms fewer requests share a commit; revocations drop by 40 %, code flows by 25 %.
  turnMs: 10,
};

/** Makes the servers of one listening address, which share its caps: a name such as localhost has several addresses. */
export function createServers(
  context: HttpContext,
  caps: Caps,
  times = socketTimes,
): (handler: RequestListener, tls?: ReturnType<typeof tlsOptions>) => Server {
  const capConnections = createConnectionCap(caps, reportRefusals(context));
  const fairQueue = createFairQueue(times.turnMs, caps.exempt);
  const answer = (socket: Duplex, say: () => void) => fairQueue.take(socket as Socket, say);
  const answerBroken = (error: { readonly code?: string }, socket: Duplex) =>
    answer(socket, () => answerBrokenRequest(context, error, socket, times.lastWordMs));
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
    // request-head.ts answers it, as every other fault of a head.
    server.on('checkExpectation', limited);
    server.on('connect', (_request, socket) => {
      // Node takes its own listeners away before this; a reset while the answer waits would end the process.
      socket.on('error', () => socket.destroy());
      answer(socket, () => sendLastWord(context, socket, wrongMethod(['GET', 'POST']), times.lastWordMs));
    });
    server.on('clientError', answerBroken);
    return capConnections(server);
  };
}

/** TLS where the settings have a certificate. */
export function tlsOf({ tls_cert, tls_key }: Settings) {
  return tls_cert === undefined || tls_key === undefined ? undefined : tlsOptions(tls_cert, tls_key);
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

/** Counts each, and logs one a minute: whoever is refused must not fill the log. */
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
