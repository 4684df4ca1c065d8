/** What many connections of one address ended at the same moment, and who comes after all of them and sends little. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { socketTimes } from '../../src/http/create-server-with-limits.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { readOnce } from './raw.ts';
import { askOverTls, clientHello, tlsEnvironment } from './tls-peer.ts';

/** Each work has a turn of its own. */
const times = { ...socketTimes, turnMs: 0 };
const MANY = 40;
const GREEDY = '127.2.0.1';
const MODEST = '127.2.0.2';
const PROXY = '127.2.0.3';

const GET = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';
const POST =
  'POST /revoke HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
  'Content-Length: 13\r\n\r\ntoken=unknown';
const CHUNKED =
  'POST /revoke HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
  'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n';

const servers: TestServer[] = [];
const opened: Socket[] = [];
afterAll(async () => {
  for (const socket of opened) socket.destroy();
  for (const server of servers) await server.stop();
});

async function start(environment: Record<string, string>, port?: number): Promise<number> {
  const server = await startServer({ environment, times, port: port ?? (await freePort()) });
  servers.push(server);
  return Number(new URL(server.issuer).port);
}

function from(localAddress: string, port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress }, () => resolve(socket.setNoDelay()));
    opened.push(socket.on('error', () => {}));
  });
}

/**
 * Sends all but the last byte on each, waits for `settled`, and then sends the last bytes in one turn. In which order
 * the answers begin, by the number of the connection.
 */
async function endAtOnce(sockets: readonly Socket[], bytes: Buffer, settled: () => Promise<unknown>) {
  for (const socket of sockets) socket.write(bytes.subarray(0, -1));
  await settled();
  const order: number[] = [];
  const answers = sockets.map((socket, index) => readOnce(socket).then(() => order.push(index)));
  for (const socket of sockets) socket.write(bytes.subarray(-1));
  await Promise.all(answers);
  return order;
}

async function crowd(port: number, last: string, many = GREEDY): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let count = 0; count < MANY; count += 1) sockets.push(await from(many, port));
  return [...sockets, await from(last, port)];
}

/** Whatever the greedy address and that one began before is begun. */
async function ask(port: number, address: string): Promise<void> {
  const socket = await from(address, port);
  socket.write(GET);
  await readOnce(socket);
}

describe('over plain HTTP', () => {
  let port: number;
  beforeAll(async () => {
    port = await start({ GATEHOUSE_TRUSTED_PROXIES: PROXY });
  });

  test.each([
    ['requests', GET],
    ['bodies', POST],
    ['empty bodies in chunks', CHUNKED],
    ['requests that are no HTTP', 'GE@'],
    ['requests for a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('many %s that complete at once delay only their own address', async (_what, text) => {
    const sockets = await crowd(port, MODEST);
    const order = await endAtOnce(sockets, Buffer.from(text), async () => {
      await ask(port, GREEDY);
      await ask(port, MODEST);
    });
    expect(order).toHaveLength(MANY + 1);
    expect(order.indexOf(MANY)).toBeLessThan(MANY / 4);
  });

  test.each([
    ['tunnel', '', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['tunnel, after more than it may', GET.repeat(5), 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['other protocol', '', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n'],
    ['broken request', '', 'GE@'],
    ['unfinished body', '', POST.slice(0, -1)],
    ['body', '', CHUNKED],
  ])('a peer that resets while its %s waits ends only its own connection', async (_what, first, text) => {
    const thrown: unknown[] = [];
    const keep = (error: unknown) => thrown.push(error);
    process.on('uncaughtException', keep);
    const crowded = await crowd(port, GREEDY);
    const resetting = crowded.splice(-MANY / 2);
    const [begun] = crowded.map((socket) => readOnce(socket));
    for (const socket of crowded) socket.write(GET.repeat(4));
    for (const socket of resetting) socket.write(first + text);
    // By then all has been read, and what was sent last waits behind the requests of the others.
    await begun;
    await Promise.all(
      resetting.map((socket) => new Promise((resolve) => socket.once('close', resolve).resetAndDestroy())),
    );
    await ask(port, GREEDY);
    await ask(port, MODEST);
    process.off('uncaughtException', keep);
    expect(thrown).toEqual([]);
  });

  test('each connection of a trusted proxy is served in turn', async () => {
    const sockets = await crowd(port, PROXY, PROXY);
    const [greedy, modest] = [sockets.slice(0, 1), sockets.slice(-1)];
    const order: string[] = [];
    for (const socket of greedy)
      socket.on('data', (data) => order.push(...(String(data).match(/200 OK/g) ?? [])));
    const answered = readOnce(modest[0] as Socket).then(() => order.length);
    greedy[0]?.write(GET.repeat(4));
    modest[0]?.write(GET);
    expect(await answered).toBeLessThan(3);
  });
});

test('many TLS hellos whose last bytes arrive at once delay only their own address', async () => {
  const port = await freePort();
  await start(tlsEnvironment(port), port);
  const sockets = await crowd(port, MODEST);
  const order = await endAtOnce(sockets, await clientHello(), () => askOverTls(port, '/health/live'));
  expect(order).toHaveLength(MANY + 1);
  expect(order.indexOf(MANY)).toBeLessThan(MANY / 4);
});
