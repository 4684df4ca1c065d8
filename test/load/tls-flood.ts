/**
 * Thousands of peers that never finish what they began, against a server that serves TLS itself, and an honest client
 * beside them. A burst from a few addresses meets the bound of sockets per address; without that bound, from many
 * addresses, the timers alone must free the sockets as fast as they come.
 */
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { memoryMb } from '../../bench/subject.ts';
import type { Report } from '../crash/report.ts';
import { type Gatehouse, newHouse, removeHouse, startServer } from '../crash/server-process.ts';
import { askOverTls, ca, clientHello, tlsEnvironment } from '../http/tls-peer.ts';
import { type Durations, durationsOf } from './honest.ts';

const MOST = 8192;
const REAPED_WITHIN_MS = 15_000;
/** Thousands of handshakes at once, which V8 gives back when it is idle again. */
const MEMORY_LIMIT_MB = 400;
const HONEST_PAUSE_MS = 20;

interface Flood {
  readonly name: string;
  readonly settings: Record<string, string>;
  readonly addresses: number;
  /** At most so many are opened in a second. */
  readonly perSecond: number;
  /** Whether the bound of sockets per address is to be met. */
  readonly isBounded: boolean;
}

const FLOODS: readonly Flood[] = [
  {
    name: 'from 12 addresses that may hold 64 each',
    settings: { GATEHOUSE_MAX_CONNECTIONS: String(MOST), GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '64' },
    addresses: 12,
    perSecond: Number.POSITIVE_INFINITY,
    isBounded: true,
  },
  {
    name: 'from 250 addresses without such a bound',
    settings: {
      GATEHOUSE_MAX_CONNECTIONS: String(MOST),
      GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: String(MOST),
    },
    addresses: 250,
    perSecond: 1000,
    isBounded: false,
  },
];

interface Peer {
  count: number;
  /** Gives what tells when the server has closed it. */
  begin(socket: Socket): Socket;
}

/** How many there are of each kind; those that keep their connection are more than there are places. */
function peers(hello: Buffer): readonly Peer[] {
  return [
    { count: 4500, begin: (socket) => socket },
    { count: 4500, begin: (socket) => send(socket, hello) },
    { count: 900, begin: (socket) => send(socket, hello.subarray(0, 100), () => socket.resetAndDestroy()) },
    {
      count: 100,
      begin: (socket) =>
        socket.destroyed ? socket : quiet(connectTls({ socket, servername: 'localhost', ca })),
    },
  ];
}

function send(socket: Socket, bytes: Buffer, sent?: () => void): Socket {
  socket.write(bytes, sent);
  return socket;
}

function quiet(socket: Socket): Socket {
  return socket.on('error', () => {}).resume();
}

export async function floodOverTls(report: Report): Promise<void> {
  const plain = await newHouse({ GATEHOUSE_TRUSTED_PROXIES: '' });
  const port = Number(new URL(plain.origin).port);
  const hello = await clientHello();
  for (const flood of FLOODS) {
    const environment = { ...plain.environment, ...tlsEnvironment(port), ...flood.settings };
    await endure(report, { ...plain, environment }, port, { flood, hello });
  }
  removeHouse(plain);
}

interface Trial {
  readonly flood: Flood;
  readonly hello: Buffer;
}

async function endure(report: Report, gatehouse: Gatehouse, port: number, trial: Trial): Promise<void> {
  const { flood, hello } = trial;
  const isReady = async () => (await askOverTls(port, '/health/ready')).statusCode === 200;
  const running = await startServer(gatehouse, [], isReady);
  const sockets: Socket[] = [];
  const flooded = open(port, flood, hello, sockets).then(() => reaped(sockets));
  const { answered, failures, p99Ms, worstMs } = await askHonestly(port, flooded);
  report.say(`TLS ${flood.name}: ${answered} honest requests, p99 ${p99Ms} ms, the worst ${worstMs} ms`);
  report.expect(`TLS ${flood.name}: honest requests that failed`, failures.slice(0, 5).join(', '), '');
  report.expect(`TLS ${flood.name}: closed of ${sockets.length}`, closed(sockets), sockets.length);
  const refused = await countRefused(port);
  report.say(`TLS ${flood.name}: ${refused} connections were refused`);
  report.expect(
    `TLS ${flood.name}: the bound per address was met`,
    String(refused > 0),
    String(flood.isBounded),
  );
  report.atMost(
    `TLS ${flood.name}: memory afterwards, MB`,
    memoryMb(running.child.pid ?? 0),
    MEMORY_LIMIT_MB,
  );
  await running.kill();
}

/** The kinds by turns, so that each is there all the time. */
async function open(port: number, flood: Flood, hello: Buffer, sockets: Socket[]): Promise<void> {
  const startMs = performance.now();
  let left = peers(hello);
  while (left.length > 0) {
    await Promise.all(
      left.map(async (peer) => {
        peer.count -= 1;
        sockets.push(peer.begin(await connected(port, addressOf(sockets.length % flood.addresses))));
      }),
    );
    left = left.filter(({ count }) => count > 0);
    const aheadMs = (sockets.length / flood.perSecond) * 1000 - (performance.now() - startMs);
    if (aheadMs > 10) await pause(aheadMs);
  }
}

function addressOf(index: number): string {
  return `127.9.0.${index + 1}`;
}

/** Resolves when it is open, or refused. */
function connected(port: number, localAddress: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = quiet(connect({ host: '127.0.0.1', port, localAddress }));
    socket.once('connect', () => resolve(socket)).once('close', () => resolve(socket));
  });
}

async function reaped(sockets: readonly Socket[]): Promise<void> {
  const endMs = performance.now() + REAPED_WITHIN_MS;
  while (closed(sockets) < sockets.length && performance.now() < endMs) await pause(100);
}

function closed(sockets: readonly Socket[]): number {
  return sockets.filter((socket) => socket.destroyed || socket.closed).length;
}

interface Honest extends Durations {
  readonly answered: number;
  readonly failures: readonly string[];
}

/** By turns on a connection that is kept and on a new one, each tried once. */
async function askHonestly(port: number, until: Promise<void>): Promise<Honest> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const durations: number[] = [];
  const failures: string[] = [];
  let isOver = false;
  const over = until.finally(() => {
    isOver = true;
  });
  for (let turn = 0; !isOver; turn += 1) {
    const startMs = performance.now();
    const kind = turn % 2 === 0 ? 'kept' : 'new';
    await askOverTls(port, '/jwks', kind === 'kept' && agent).then(
      ({ statusCode }) => statusCode === 200 || failures.push(`${kind}: ${statusCode}`),
      (error) => failures.push(`${kind}: ${error.code}`),
    );
    durations.push(performance.now() - startMs);
    await pause(HONEST_PAUSE_MS);
  }
  agent.destroy();
  await over;
  return { answered: durations.length - failures.length, failures, ...durationsOf(durations) };
}

async function countRefused(port: number): Promise<number> {
  const { text } = await askOverTls(port, '/metrics');
  const counts = text.matchAll(/^gatehouse_connections_refused_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
