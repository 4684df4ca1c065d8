/** Sockets that hold what they can for as long as they are let: slow senders, slow readers, and thousands that only sit. */
import { connect, type Socket } from 'node:net';
import type { Report } from '../crash/report.ts';
import type { Scene } from '../faults/scene.ts';
import { askWhile, durationsOf, portOf } from './honest.ts';

const SLOW = 150;
const IDLE = Number(process.env.LOAD_IDLE_SOCKETS ?? 5000);
const PIPELINED = 4000;
const REAPED_WITHIN_MS = 15_000;

const BYTE_EVERY_MS = 1000;
const ALONE_MS = 4000;
/** As often as alone: slow readers are gone at once, and the p99 of a few requests would be the slowest one. */
const ENOUGH = 300;
/** A p99 of a millisecond doubles by chance: below this nobody notices. */
const UNNOTICED_MS = 8;

type Behaviour = (socket: Socket) => () => void;

const behaviours: Readonly<Record<string, { readonly count: number; readonly behave: Behaviour }>> = {
  'slow headers': { count: SLOW, behave: drip('GET /jwks HTTP/1.1\r\nhost: localhost\r\nx-slow: ') },
  'slow bodies': {
    count: SLOW,
    behave: drip(
      'POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\n',
    ),
  },
  'slow readers': { count: SLOW, behave: neverRead },
  'idle sockets': { count: IDLE, behave: sit },
};

export async function measureSlowSockets(report: Report, scene: Scene): Promise<void> {
  const alone = await askWhile(scene, pause(ALONE_MS));
  for (const [what, { count, behave }] of Object.entries(behaviours)) {
    const sockets = await open(portOf(scene), count, behave);
    const beside = await askWhile(scene, reaped(sockets), ENOUGH);
    await lookAtLast(sockets);
    report.expect(`${what}: closed within 15 s, of ${sockets.length}`, closed(sockets), sockets.length);
    release(sockets);
    for (const [name, times] of beside) {
      const { p99Ms, worstMs } = durationsOf(times);
      const aloneMs = durationsOf(alone.get(name)).p99Ms;
      const limitMs = Math.max(UNNOTICED_MS, 2 * aloneMs);
      report.atMost(`${what}: p99 of ${name}, ms (alone ${aloneMs}, the worst ${worstMs})`, p99Ms, limitMs);
    }
  }
}

function release(sockets: readonly Held[]): void {
  for (const { socket, stop } of sockets) {
    stop();
    socket.destroy();
  }
}

interface Held {
  readonly socket: Socket;
  stop(): void;
}

async function open(port: number, count: number, behave: Behaviour): Promise<Held[]> {
  const held: Held[] = [];
  while (held.length < count) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    held.push({ socket, stop: behave(socket) });
  }
  return held;
}

async function reaped(sockets: readonly Held[]): Promise<void> {
  const endMs = performance.now() + REAPED_WITHIN_MS;
  while (closed(sockets) < sockets.length && performance.now() < endMs) await pause(100);
}

/** Who reads nothing sees only by reading that the other side hung up. */
async function lookAtLast(sockets: readonly Held[]): Promise<void> {
  for (const { socket } of sockets) socket.resume();
  await pause(1000);
}

function closed(sockets: readonly Held[]): number {
  return sockets.filter(({ socket }) => socket.destroyed || socket.closed).length;
}

function drip(beginning: string): Behaviour {
  return (socket) => {
    socket.resume();
    socket.write(beginning);
    const timer = setInterval(() => socket.writable && socket.write('x'), BYTE_EVERY_MS);
    return () => clearInterval(timer);
  };
}

/** Asks for more than any buffer holds and takes nothing. */
function neverRead(socket: Socket): () => void {
  socket.pause();
  socket.write('GET /.well-known/openid-configuration HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(PIPELINED));
  return () => {};
}

function sit(socket: Socket): () => void {
  socket.resume();
  return () => {};
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
