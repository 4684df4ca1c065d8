/** Peers that never finish what they began: every socket is closed by a timer, and nobody alone holds all of them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { answerBrokenRequest, sendFinalError } from '../../src/http/answer-malformed-or-slow-request.ts';
import { socketTimes } from '../../src/http/create-server-with-limits.ts';
import { wrongMethod } from '../../src/http/method-not-allowed-and-preflight.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { readToEnd } from './raw.ts';
import { askOverTls, clientHello, tlsEnvironment } from './tls-peer.ts';

const quick = { ...socketTimes, handshakeMs: 300, finalErrorMs: 300 };
/** The timers take a second; a busy machine may take long to run them. */
const PATIENCE = { timeout: 20_000 };
const started: TestServer[] = [];
const opened: Socket[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});
afterAll(async () => {
  for (const server of started.splice(0)) await server.stop();
});

async function start(environment: Record<string, string>, port?: number) {
  const server = await startServer({ environment, times: quick, port: port ?? (await freePort()) });
  started.push(server);
  return { server, port: Number(new URL(server.issuer).port) };
}

async function startTls(environment: Record<string, string> = {}) {
  const port = await freePort();
  await start({ ...tlsEnvironment(port), ...environment }, port);
  return port;
}

/** A connection from an address of this machine; resolves when it is open, or refused. */
function from(localAddress: string, port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress }, () => resolve(socket));
    socket.on('error', () => {}).once('close', () => resolve(socket));
    opened.push(socket.resume());
  });
}

/** What comes back until the other side closes; '' from one that refuses. */
async function ask(port: number, text: string): Promise<string> {
  const socket = await from('127.0.0.1', port);
  if (socket.closed) return '';
  const answer = readToEnd(socket);
  socket.write(text);
  return answer;
}

const closed = (sockets: readonly Socket[]) => sockets.filter((socket) => socket.closed).length;
const times = <Item>(count: number, make: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => make(index));
const BROKEN = 'GET / HTTP/1.1\r\nbroken header\r\n\r\n';
const GET = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** An honest client of a busy machine may need more than one try for a handshake of a third of a second. */
function untilServed(port: number): Promise<boolean> {
  const ask = () => askOverTls(port, '/health/live').then(({ statusCode }) => statusCode === 200);
  return vi.waitUntil(() => ask().catch(() => false), PATIENCE);
}

describe('a TLS handshake that never ends', () => {
  const peers: Record<string, (socket: Socket, hello: Buffer) => void> = {
    'says nothing': () => {},
    'sends half of its hello': (socket, hello) => void socket.write(hello.subarray(0, 100)),
    'sends its hello and no more': (socket, hello) => void socket.write(hello),
    'speaks HTTP': (socket) => void socket.write(GET),
    'sends no TLS at all': (socket) => void socket.write(Buffer.alloc(2000, 7)),
    'sends its half and closes': (socket, hello) => void socket.end(hello.subarray(0, 100)),
  };

  let port: number;
  let hello: Buffer;
  beforeAll(async () => {
    [port, hello] = await Promise.all([startTls(), clientHello()]);
  });

  test.each(Object.entries(peers))('of a peer that %s ends with its socket', async (_name, behave) => {
    const sockets = await Promise.all(times(20, () => from('127.0.0.1', port)));
    for (const socket of sockets) behave(socket, hello);
    await vi.waitUntil(() => closed(sockets) === sockets.length, PATIENCE);
    await untilServed(port);
  });

  test('holds no connection permanently: with more silent peers than connections, another client is answered', async () => {
    const small = await startTls({
      GATEHOUSE_MAX_CONNECTIONS: '16',
      GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '16',
    });
    const sockets = await Promise.all(times(40, (index) => from(`127.1.0.${index + 1}`, small)));
    await vi.waitUntil(() => closed(sockets) === sockets.length, PATIENCE);
    await untilServed(small);
  });
});

/** A proxy takes a close without an answer for a failure of ours, and with passive checks us out of service. */
test('a client that stops in the middle of a body is answered 408', async () => {
  const times = { ...socketTimes, idleMs: 300 };
  const server = await startServer({ times });
  started.push(server);
  const type = 'Content-Type: application/x-www-form-urlencoded';
  const head = `POST /token HTTP/1.1\r\nHost: localhost\r\n${type}\r\n`;
  for (const body of ['Transfer-Encoding: chunked\r\n\r\n', 'Content-Length: 9\r\n\r\ngran']) {
    const answer = await ask(Number(new URL(server.issuer).port), head + body);
    expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"error":"invalid_request"/);
  }
});

describe('the final error on a socket', () => {
  let server: TestServer;
  beforeAll(async () => {
    ({ server } = await start({}));
  });

  test('is not waited for where it cannot be sent', async () => {
    const stuck = () => new Duplex({ read() {}, write() {} });
    const [broken, connecting] = [stuck(), stuck()];
    const bothClosed = Promise.all([once(broken, 'close'), once(connecting, 'close')]);
    answerBrokenRequest(server.gatehouse, { code: 'HPE_INVALID_CONSTANT' }, broken, quick.finalErrorMs);
    sendFinalError(server.gatehouse, connecting, wrongMethod(['GET']), quick.finalErrorMs);
    await bothClosed;
  });

  test('is not sent after an error that is not of the HTTP parser', async () => {
    for (const code of ['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ECONNRESET', 'EPIPE']) {
      const written: unknown[] = [];
      const socket = new Duplex({ read() {}, write: (chunk) => void written.push(chunk) });
      answerBrokenRequest(server.gatehouse, { code }, socket, quick.finalErrorMs);
      expect([code, socket.destroyed, written]).toEqual([code, true, []]);
    }
  });
});

describe('max_connections_per_address', () => {
  const BOUND = { GATEHOUSE_MAX_CONNECTIONS: '64', GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '4' };

  test('an address holds no more than the limit, and another one is served', async () => {
    const { server, port } = await start(BOUND);
    const sockets = await Promise.all(times(12, () => from('127.2.0.1', port)));
    await vi.waitUntil(() => closed(sockets) === 8, PATIENCE);
    expect(await ask(port, GET)).toContain('200 OK');
    expect(await server.gatehouse.metrics.text()).toContain(
      'gatehouse_connections_refused_total{setting="max_connections_per_address"} 8',
    );
    const said = server.lines.filter((line) => line.includes('connections are refused'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('"setting":"max_connections_per_address","address":"127.2.0.1"');
  });

  test('a place is free again when its connection ends, however it ends', async () => {
    const { port } = await start(BOUND);
    const ends: ((socket: Socket) => void)[] = [
      (socket) => socket.destroy(),
      (socket) => socket.resetAndDestroy(),
      (socket) => void socket.end(),
      (socket) => void socket.end(BROKEN),
      (socket) => void socket.end('CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'),
      (socket) => void socket.end(GET),
      (socket) => void socket.end(GET.replace('Connection: close', 'Connection: upgrade\r\nUpgrade: h2c')),
    ];
    for (const end of ends) {
      const sockets = await Promise.all(times(4, () => from('127.0.0.1', port)));
      for (const socket of sockets) end(socket);
      await vi.waitUntil(() => closed(sockets) === 4, PATIENCE);
      await vi.waitUntil(async () => (await ask(port, GET)).includes('200 OK'), PATIENCE);
    }
  });

  test('over TLS a place is free again, whether a handshake ended or not', async () => {
    const port = await startTls(BOUND);
    const hello = await clientHello();
    for (const behave of [() => {}, (socket: Socket) => void socket.write(hello)]) {
      const sockets = await Promise.all(times(4, () => from('127.0.0.1', port)));
      sockets.forEach(behave);
      await vi.waitUntil(() => closed(sockets) === 4, PATIENCE);
      for (let turn = 0; turn < 10; turn += 1) await untilServed(port);
    }
  });

  test('is a quarter of max_connections by itself, and not for a trusted proxy', async () => {
    const { port } = await start({ GATEHOUSE_MAX_CONNECTIONS: '32', GATEHOUSE_TRUSTED_PROXIES: '127.3.0.1' });
    const sockets = await Promise.all(times(12, () => from('127.2.0.1', port)));
    await vi.waitUntil(() => closed(sockets) === 4, PATIENCE);
    const proxied = await Promise.all(times(20, () => from('127.3.0.1', port)));
    expect(closed(proxied)).toBe(0);
    for (const socket of proxied) socket.write(GET);
    await vi.waitUntil(() => closed(proxied) === 20, PATIENCE);
    expect(proxied.every((socket) => socket.bytesRead > 0)).toBe(true);
  });
});

describe('the listener for metrics', () => {
  test('has its own limits and the headers of every answer', async () => {
    const metricsPort = await freePort();
    await start({ GATEHOUSE_METRICS_LISTEN: `127.0.0.1:${metricsPort}` });
    const sockets = await Promise.all(times(40, () => from('127.0.0.1', metricsPort)));
    await vi.waitUntil(() => closed(sockets) === 24, PATIENCE);
    for (const socket of sockets) socket.destroy();
    const isRefused = async () => (await ask(metricsPort, BROKEN)).includes('400 Bad Request');
    await vi.waitUntil(isRefused, PATIENCE);
    const scrape = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    for (const text of [
      scrape,
      scrape.replace('/metrics', '/'),
      scrape.replace('Host', 'X'),
      'broken\r\n\r\n',
    ])
      expect(await ask(metricsPort, text)).toMatch(/x-frame-options: DENY/i);
    expect(await ask(metricsPort, scrape)).toContain('gatehouse_request_duration_seconds');
  });
});
