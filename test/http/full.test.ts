/** All places are taken: who comes in all the same, and who goes. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { socketTimes } from '../../src/http/create-server-with-limits.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { readOnce } from './raw.ts';
import { askOverTls, ca, tlsEnvironment } from './tls-peer.ts';

/** No timer ends a connection here. */
const LONG = 60_000;
const times = {
  ...socketTimes,
  handshakeMs: LONG,
  headersMs: LONG,
  requestMs: LONG,
  keepAliveMs: LONG,
  idleMs: LONG,
};
const PATIENCE = { timeout: 20_000 };
const BOUND = { GATEHOUSE_MAX_CONNECTIONS: '16', GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '8' };
const GET = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';
const ONE = '127.2.0.1';
const OTHER = '127.2.0.2';
const NEWCOMER = '127.2.0.3';
const PROXY = '127.3.0.1';

const servers: TestServer[] = [];
const opened: Socket[] = [];
afterAll(async () => {
  for (const socket of opened) socket.destroy();
  for (const server of servers) await server.stop();
});

async function start(environment: Record<string, string> = {}, port?: number) {
  const server = await startServer({
    environment: { ...BOUND, ...environment },
    times,
    port: port ?? (await freePort()),
  });
  servers.push(server);
  return { server, port: Number(new URL(server.issuer).port) };
}

/** Open, or refused already. */
function from(localAddress: string, port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress }, () => resolve(socket));
    socket.on('error', () => {}).once('close', () => resolve(socket));
    opened.push(socket.resume());
  });
}

async function take(count: number, address: string, port: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) sockets.push(await from(address, port));
  return sockets;
}

/** Whether a connection of this address is answered, which it keeps; or else it is closed. */
async function isAnswered(address: string, port: number): Promise<boolean> {
  const socket = await from(address, port);
  if (socket.closed) return false;
  const end = new Promise<string>((resolve) => socket.once('close', () => resolve('')));
  socket.write(GET);
  return (await Promise.race([readOnce(socket), end])).includes('200 OK');
}

/** A connection on which a request was answered. */
async function inUse(address: string, port: number, isTls = false): Promise<Socket> {
  const socket = await from(address, port);
  const layer = isTls ? connectTls({ socket, servername: 'localhost', ca }).on('error', () => {}) : socket;
  layer.write(GET);
  expect(await readOnce(layer)).toContain('200 OK');
  return socket;
}

const closed = (sockets: readonly Socket[]) => sockets.filter((socket) => socket.closed).length;

describe('when max_connections is reached', () => {
  test('a new address is admitted, and the address with most connections loses its oldest', async () => {
    const { server, port } = await start();
    const sockets = [...(await take(8, ONE, port)), ...(await take(8, OTHER, port))];
    expect(await isAnswered(NEWCOMER, port)).toBe(true);
    await vi.waitUntil(() => closed(sockets) === 1, PATIENCE);
    expect(sockets[0]?.closed).toBe(true);
    expect(await isAnswered(NEWCOMER, port)).toBe(true);
    await vi.waitUntil(() => closed(sockets) === 2, PATIENCE);
    expect(sockets[8]?.closed).toBe(true);
    expect(await server.gatehouse.metrics.text()).toContain(
      'gatehouse_connections_refused_total{setting="max_connections"} 2',
    );
    const said = server.lines.filter((line) => line.includes('connections are refused'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`"setting":"max_connections","address":"${ONE}"`);
  });

  test('the same holds over TLS, whether a handshake completed or not', async () => {
    const port = await freePort();
    await start(tlsEnvironment(port), port);
    const silent = await take(8, OTHER, port);
    const secure: Socket[] = [];
    for (const socket of await take(8, ONE, port)) {
      const layer = connectTls({ socket, servername: 'localhost', ca }).on('error', () => {});
      await new Promise((resolve) => layer.once('secureConnect', resolve));
      secure.push(socket);
    }
    for (let count = 1; count <= 4; count += 1) {
      expect((await askOverTls(port, '/health/live')).statusCode).toBe(200);
      await from(`127.4.0.${count}`, port);
      await vi.waitUntil(() => closed(silent) > 0 || closed(secure) > 0, PATIENCE);
    }
    await vi.waitUntil(() => closed(silent) > 0 && closed(secure) > 0, PATIENCE);
  });

  test('an address that would then have as many connections as any other is refused', async () => {
    const { port } = await start();
    const sockets = [...(await take(8, ONE, port)), ...(await take(7, OTHER, port))];
    const mine = await take(41, NEWCOMER, port);
    // Six, five and five.
    await vi.waitUntil(() => closed(sockets) === 4 && closed(mine) === 36, PATIENCE);
    expect(mine[0]?.closed).toBe(false);
    expect(await isAnswered('127.2.0.4', port)).toBe(true);
  });

  test('no connection is closed for a new address where each address has one', async () => {
    const { port } = await start();
    const sockets: Socket[] = [];
    for (let count = 1; count <= 16; count += 1) sockets.push(...(await take(1, `127.5.0.${count}`, port)));
    expect(await isAnswered(NEWCOMER, port)).toBe(false);
    expect(closed(sockets)).toBe(0);
  });

  test.each([
    ['plain HTTP', false],
    ['TLS', true],
  ])(
    'connections that never sent a request are closed before those that did, over %s',
    async (_over, isTls) => {
      const port = await freePort();
      await start(isTls ? tlsEnvironment(port) : {}, port);
      const used: Socket[] = [];
      while (used.length < 6) used.push(await inUse(OTHER, port, isTls));
      const silent = [...(await take(5, ONE, port)), ...(await take(5, '127.2.0.4', port))];
      const newcomers: Socket[] = [];
      while (newcomers.length < 6) newcomers.push(await inUse(NEWCOMER, port, isTls));
      await vi.waitUntil(() => closed(silent) === 6, PATIENCE);
      // Of silent ones each has two, and nobody gets more of them at the cost of those in use.
      const more = await take(3, ONE, port);
      await vi.waitUntil(() => closed(more) === 3, PATIENCE);
      for (let count = 1; count <= 2; count += 1) await from(`127.4.0.${count}`, port);
      await vi.waitUntil(() => closed(silent) === 8, PATIENCE);
      expect(closed([...used, ...newcomers])).toBe(0);
    },
  );

  test('where none is silent, the address with most connections loses its oldest to one with fewer', async () => {
    const { port } = await start();
    const used: Socket[] = [];
    while (used.length < 8) used.push(await inUse(ONE, port));
    while (used.length < 16) used.push(await inUse(OTHER, port));
    expect(await isAnswered(NEWCOMER, port)).toBe(true);
    await vi.waitUntil(() => closed(used) === 1, PATIENCE);
    expect(used[0]?.closed).toBe(true);
  });

  test('a trusted proxy loses no connection, and its new ones are admitted', async () => {
    const { port } = await start({ GATEHOUSE_TRUSTED_PROXIES: PROXY });
    const others = await take(4, ONE, port);
    const proxied = await take(12, PROXY, port);
    expect(await isAnswered(PROXY, port)).toBe(true);
    expect(await isAnswered(PROXY, port)).toBe(true);
    expect(await isAnswered(PROXY, port)).toBe(true);
    await vi.waitUntil(() => closed(others) === 3, PATIENCE);
    expect(await isAnswered(PROXY, port)).toBe(false);
    expect(await isAnswered(NEWCOMER, port)).toBe(false);
    expect(closed(proxied)).toBe(0);
  });
});
