/** How many requests of one address are begun before the first of them has ended. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createServers } from '../../src/http/create-server-with-limits.ts';
import { parseRange } from '../../src/lib/ip-address-checks.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { readOnce } from './raw.ts';

const MOST = 32;
const GREEDY = '127.2.0.1';
const MODEST = '127.2.0.2';
const PROXY = '127.2.0.3';
const CAPS = { most: 1000, mostPerAddress: 500, exempt: [parseRange(PROXY)] };
const PATIENCE = { timeout: 20_000 };
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const BODY = 'token=unknown';
const head = (path: string, method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${BODY.length}\r\n\r\n`;

interface Begun {
  readonly path: string;
  readonly response: ServerResponse;
}

let gatehouse: TestServer;
let server: Server;
let port: number;
let begun: Begun[] = [];
let opened: Socket[] = [];

beforeAll(async () => {
  gatehouse = await startServer();
});
afterAll(() => gatehouse.stop());
beforeEach(async () => {
  begun = [];
  server = createServers(gatehouse.gatehouse, CAPS)(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  for (const socket of opened) socket.destroy();
  opened = [];
  await new Promise((resolve) => server.close(resolve));
});

/** Nothing is answered but by the test, and what asks for it. */
function handle(request: IncomingMessage, response: ServerResponse): void {
  const { url: path = '' } = request;
  const keep = () => void begun.push({ path, response });
  if (path === '/now') response.end('now');
  else if (request.method !== 'GET') request.once('end', keep).resume();
  else keep();
}

function from(localAddress: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress }, () => resolve(socket));
    opened.push(socket.on('error', () => {}));
  });
}

/** So many connections, on each of which `each` requests are sent. */
async function send(address: string, count: number, each = 1, text = get): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const socket = await from(address);
    socket.resume().write(Array.from({ length: each }, (_, at) => text(`/${sockets.length}/${at}`)).join(''));
    sockets.push(socket);
  }
  return sockets;
}

async function answered(address: string): Promise<string> {
  const socket = await from(address);
  socket.write(get('/now'));
  return readOnce(socket);
}

/** Whatever was sent before has been read: it came before, and this is served. */
async function settle(): Promise<void> {
  expect(await answered(MODEST)).toContain('200 OK');
}

const untilBegun = (count: number) => vi.waitUntil(() => begun.length >= count, PATIENCE);

const connections = () =>
  new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));

/** As many as it may have, and no more, are begun of this address. */
async function expectWholeShare(address: string): Promise<void> {
  begun = [];
  const sockets = await send(address, MOST + 5);
  await untilBegun(MOST);
  await settle();
  expect(begun).toHaveLength(MOST);
  for (const socket of sockets) socket.destroy();
}

describe('of one address', () => {
  test('32 requests are in progress, the others wait, and another address is served', async () => {
    await send(GREEDY, MOST + 8);
    await untilBegun(MOST);
    await settle();
    expect(begun).toHaveLength(MOST);
    begun[3]?.response.end();
    await untilBegun(MOST + 1);
    await settle();
    expect(begun.map(({ path }) => path)).toEqual(Array.from({ length: MOST + 1 }, (_, at) => `/${at}/0`));
  });

  test('they are counted on all of its connections together, and in order', async () => {
    await send(GREEDY, 12, 4);
    await untilBegun(MOST);
    await settle();
    expect(begun).toHaveLength(MOST);
    for (let next = 0; next < 48; next += 1) {
      await untilBegun(next + 1);
      begun[next]?.response.end();
    }
    await settle();
    expect(begun).toHaveLength(48);
    await expectWholeShare(GREEDY);
  });

  test('those whose connection ends, while they wait or are in progress, free their place', async () => {
    const sockets = await send(GREEDY, 20, 4);
    await untilBegun(MOST);
    // The last twelve wait; of the first eight all are under way.
    for (const socket of sockets.slice(8)) socket.resetAndDestroy();
    await vi.waitUntil(async () => (await connections()) === 8, PATIENCE);
    for (const socket of sockets.slice(0, 4)) socket.destroy();
    const others = await send(GREEDY, 20);
    await untilBegun(MOST + 16);
    await settle();
    expect(begun).toHaveLength(MOST + 16);
    for (const socket of [...sockets, ...others]) socket.destroy();
    await expectWholeShare(GREEDY);
  });

  test('those before a request for a tunnel free their place when it ends', async () => {
    const sockets = await send(GREEDY, 8, 4);
    await untilBegun(MOST);
    for (const socket of sockets) socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n');
    await expectWholeShare(GREEDY);
  });

  test('those of a connection that pipelines too many free their place', async () => {
    await send(GREEDY, 8, 4);
    const flooding = await send(GREEDY, 8, 5);
    await untilBegun(MOST);
    await vi.waitUntil(() => flooding.every(({ closed }) => closed), PATIENCE);
    for (const { response } of begun) response.end();
    await settle();
    expect(begun).toHaveLength(MOST);
    await expectWholeShare(GREEDY);
  });
});

describe('requests with a body', () => {
  // fastify reads those of DELETE and OPTIONS too before it calls anybody.
  test.each(['POST', 'DELETE', 'OPTIONS'])(
    'have no place before it has come, and are bounded then: %s',
    async (method) => {
      const sockets = await send(GREEDY, MOST + 8, 1, (path) => head(path, method));
      expect(await answered(GREEDY)).toContain('200 OK');
      for (const socket of sockets) socket.write(BODY);
      await untilBegun(MOST);
      await settle();
      expect(begun).toHaveLength(MOST);
      for (let next = 0; next < MOST + 8; next += 1) {
        await untilBegun(next + 1);
        begun[next]?.response.end();
      }
      await expectWholeShare(GREEDY);
    },
  );

  test('free their place where they are answered before the body has arrived', async () => {
    const sockets = await send(GREEDY, MOST + 8, 1, () => head('/now'));
    expect(await answered(GREEDY)).toContain('200 OK');
    for (const socket of sockets) socket.write(BODY);
    await expectWholeShare(GREEDY);
  });
});

test('the connections of a trusted proxy share no such limit', async () => {
  await send(PROXY, 12, 4);
  await untilBegun(48);
});
