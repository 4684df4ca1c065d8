/** How a server stops: readiness off, settle, stop accepting, finish what is open, end. */
import cluster from 'node:cluster';
import type { Server } from 'node:http';
import { type Socket, Server as SocketServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { nextTurn } from '../lib/next-turn.ts';
import { pause } from '../lib/pause.ts';
import { within } from '../lib/time-limit.ts';

/** For so long a stopping server goes on as before, while readiness says that others are to be asked. */
const SETTLE_MS = 250;
/** A connection on which nothing comes for so long is closed. */
const GRACE_MS = 250;
const EMPTY_WITHIN_MS = 400;
/**
 * Workers accept from one queue: nothing accepted for `quietMs` means that the others took what was in it. `spreadMs`
 * later every worker has stopped accepting: sent away before, a client comes back to one that is about to.
 */
const { quietMs, spreadMs } = cluster.isWorker ? { quietMs: 50, spreadMs: 400 } : { quietMs: 0, spreadMs: 0 };
/** Of a turn of the event loop in which hardly anything can have come unseen. */
const SHORT_TURN_MS = cluster.isWorker ? Number.POSITIVE_INFINITY : 0.5;

export interface ServerState {
  /** Every connection that was accepted, with or without a request so far; with TLS, both of its layers. */
  readonly sockets: Set<Socket>;
  /** How many there were since the start. */
  accepted: number;
  /** Readiness is off. */
  draining: boolean;
  /** Answers that wait until nobody is accepted any more. */
  heldAnswers: (() => void)[] | undefined;
  /** Nobody is accepted any more, and each answer is the last on its connection. */
  closing: boolean;
}

/** The state of a server that starts: it accepts connections and has none yet. */
export function createServerState(): ServerState {
  return { sockets: new Set(), accepted: 0, draining: false, heldAnswers: undefined, closing: false };
}

/** Keeps `sockets` and `accepted` up to date with the connections of the server, and returns the server. */
export function watchSockets(serverState: ServerState, server: Server): Server {
  const { sockets } = serverState;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  return server.on('secureConnection', keep).on('connection', (socket) => {
    serverState.accepted += 1;
    keep(socket);
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
 * With the listener the kernel resets what it took and nobody accepted yet. Node accepts one connection in each turn of
 * the event loop: after one that accepted none, and was short, hardly any can be waiting. Whoever connects for each
 * request connects no more while the answers are held.
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
  for (const leave of heldAnswers) leave();
}

async function closeWhenIdle(server: Server, { sockets }: ServerState, all: Promise<void>): Promise<void> {
  let isOver = false;
  const over = all.then(() => {
    isOver = true;
  });
  while (!isOver) {
    await within(GRACE_MS, over, () => undefined);
    await nextTurn();
    // Those between two requests, as Node's parser knows, and those that never sent anything.
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
