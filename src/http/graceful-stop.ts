/** Stops a server: readiness off, wait, stop accepting, finish the open requests, close. */
import cluster from 'node:cluster';
import type { Server } from 'node:http';
import { type Socket, Server as SocketServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { nextTurn } from '../lib/next-event-loop-turn.ts';
import { pause } from '../lib/pause.ts';
import { within } from '../lib/time-limit.ts';

/** A stopping server continues to serve for this long, while readiness tells the load balancer to use other servers. */
const SETTLE_MS = 250;
/** A connection on which nothing arrives for this long is closed. */
const GRACE_MS = 250;
const EMPTY_WITHIN_MS = 400;
/**
 * Workers accept from one queue: if this one accepted nothing for `quietMs`, the others took what was in it. After
 * `spreadMs` every worker has stopped accepting: a client that is disconnected earlier would reconnect to a worker that is
 * about to stop.
 */
const { quietMs, spreadMs } = cluster.isWorker ? { quietMs: 50, spreadMs: 400 } : { quietMs: 0, spreadMs: 0 };
/** In a turn of the event loop this short, hardly any connection can have arrived unnoticed. */
const SHORT_TURN_MS = cluster.isWorker ? Number.POSITIVE_INFINITY : 0.5;

export interface ServerState {
  /** Every connection that was accepted, with or without a request so far; with TLS, both of its layers. */
  readonly sockets: Set<Socket>;
  /** The number of connections since the start. */
  accepted: number;
  /** Readiness is off. */
  draining: boolean;
  /** Answers that are held until no more connections are accepted. */
  heldAnswers: (() => void)[] | undefined;
  /** No more connections are accepted, and each answer is the last on its connection. */
  closing: boolean;
}

/** The state of a server that starts: it accepts connections and has none yet. */
export function createServerState(): ServerState {
  return { sockets: new Set(), accepted: 0, draining: false, heldAnswers: undefined, closing: false };
}

/** Keeps `sockets` and `accepted` up to date with the connections of the server, and returns the server. */
export function watchSockets(serverState: ServerState, server: Server): Server {
  const { sockets } = serverState;
  const add = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  return server.on('secureConnection', add).on('connection', (socket) => {
    serverState.accepted += 1;
    add(socket);
  });
}

/** Answers every request that was accepted, for at most `limitMs`. */
export async function drain(
  fastify: FastifyInstance,
  serverState: ServerState,
  limitMs: number,
): Promise<void> {
  serverState.draining = true;
  const deadline = setTimeout(() => destroy(serverState.sockets), limitMs);
  if (serverState.sockets.size > 0) await pause(SETTLE_MS);
  serverState.heldAnswers = [];
  await emptyBacklog(serverState);
  const all = stopAccepting(fastify.server);
  if (serverState.sockets.size > 0) await pause(Math.min(spreadMs, limitMs / 4));
  serverState.closing = true;
  release(serverState);
  await closeWhenIdle(fastify.server, serverState, all);
  clearTimeout(deadline);
  await fastify.close();
}

/**
 * When the listener closes, the kernel resets the connections that it took and Node has not accepted yet. Node accepts one
 * connection in each turn of the event loop: after a short turn in which it accepted none, hardly any can be waiting. A
 * client that opens a connection for each request opens no more while the answers are held.
 */
async function emptyBacklog(serverState: ServerState): Promise<void> {
  let { accepted } = serverState;
  let nowMs = performance.now();
  let quietSinceMs = nowMs;
  const giveUpMs = nowMs + EMPTY_WITHIN_MS;
  while (nowMs < giveUpMs) {
    const startMs = nowMs;
    // After this, whatever the kernel had received has been read.
    await nextTurn();
    nowMs = performance.now();
    const isQuiet = serverState.accepted === accepted && nowMs - startMs < SHORT_TURN_MS;
    if (isQuiet && nowMs - quietSinceMs >= quietMs) return;
    if (!isQuiet) quietSinceMs = nowMs;
    accepted = serverState.accepted;
  }
}

function release(serverState: ServerState): void {
  const { heldAnswers = [] } = serverState;
  serverState.heldAnswers = undefined;
  for (const send of heldAnswers) send();
}

async function closeWhenIdle(server: Server, { sockets }: ServerState, all: Promise<void>): Promise<void> {
  let isClosed = false;
  const closed = all.then(() => {
    isClosed = true;
  });
  while (!isClosed) {
    await within(GRACE_MS, closed, () => undefined);
    await nextTurn();
    // Closes the connections between two requests, which Node's parser knows, and those that never sent anything.
    server.closeIdleConnections();
    destroy([...sockets].filter((socket) => socket.bytesRead === 0));
  }
}

/** Resolves when the last connection is closed. http's own close() would close idle ones at once. */
function stopAccepting(server: Server): Promise<void> {
  return new Promise((resolve) => SocketServer.prototype.close.call(server, () => resolve()));
}

function destroy(sockets: Iterable<Socket>): void {
  for (const socket of sockets) socket.destroy();
}
