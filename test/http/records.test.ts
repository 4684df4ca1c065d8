/** Records of TLS that bring HTTP nothing, or next to nothing: they end the connection, and those of honest clients do not. */
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { createServer, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { socketTimes } from '../../src/http/server.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { open, readOnce } from './raw.ts';
import { askOverTls, ca, tlsEnvironment } from './tls-peer.ts';
import { openRecordClient, type RecordClient } from './tls-records.ts';

let server: TestServer;
let port: number;

beforeAll(async () => {
  port = await freePort();
  // Nothing here ends by a timer.
  const longMs = 600_000;
  const times = { ...socketTimes, handshakeMs: longMs, headersMs: longMs, requestMs: longMs, idleMs: longMs };
  server = await startServer({ environment: tlsEnvironment(port), times });
});
afterAll(() => server.stop());

const GET = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n';
const FORM = 'Content-Type: application/x-www-form-urlencoded';

/** Resolves when the other side ended it, by a reset too. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
}

/** Whether it is answered 200 on this connection. */
async function isServed({ socket, secure, data }: RecordClient, text = GET, each?: number): Promise<boolean> {
  const answer = readOnce(secure);
  socket.write(data(text, each));
  return (await answer).startsWith('HTTP/1.1 200 ');
}

describe('KeyUpdate', () => {
  test('that has no end ends the connection after a hundred, whatever else is sent', async () => {
    for (const between of ['', 'x', 'xxxxx']) {
      const client = await openRecordClient(port);
      const closed = closing(client.socket);
      client.socket.write(client.data('GET /'));
      for (let sent = 0; sent < 100; sent += 1) {
        client.socket.write(client.keyUpdates(1));
        if (between !== '') client.socket.write(client.data(between));
      }
      await closed;
    }
  });

  test('ends no connection whose requests pay for it', async () => {
    const client = await openRecordClient(port);
    client.socket.write(client.keyUpdates(20));
    for (let turn = 0; turn < 30; turn += 1) {
      client.socket.write(client.keyUpdates(1));
      for (let each = 0; each < 10; each += 1) expect(await isServed(client)).toBe(true);
    }
    client.socket.destroy();
  });
});

describe('records of one byte', () => {
  test('are taken for a head of some hundred', async () => {
    const client = await openRecordClient(port);
    const head = GET.replace('Host', `X-Filling: ${'x'.repeat(600)}\r\nHost`);
    expect(await isServed(client, head, 1)).toBe(true);
    client.socket.destroy();
  });

  test.each([
    ['a head', `GET / HTTP/1.1\r\nX-Filling: ${'x'.repeat(4000)}`],
    [
      'a body',
      `POST /token HTTP/1.1\r\nHost: a\r\n${FORM}\r\nContent-Length: 9000\r\n\r\n${'x'.repeat(2000)}`,
    ],
  ])('end the connection in %s of thousands', async (_what, text) => {
    const client = await openRecordClient(port);
    const closed = closing(client.socket);
    client.socket.write(client.data(text, 1));
    await closed;
  });
});

describe('what honest clients send', () => {
  test('goes on for as many requests as they like, the shortest too', async () => {
    const client = await openRecordClient(port);
    for (let turn = 0; turn < 1500; turn += 1) expect(await isServed(client)).toBe(true);
    client.socket.destroy();
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is taken in bodies of 30 kB, one after another: %s',
    async (maxVersion) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1, maxVersion });
      const post = () =>
        new Promise<number | undefined>((resolve, reject) => {
          const options = { host: '127.0.0.1', servername: 'localhost', port, ca, agent, method: 'POST' };
          const [name = '', type = ''] = FORM.split(': ');
          const sent = request({ ...options, path: '/revoke', headers: { [name]: type } }, (answer) => {
            answer.resume().once('end', () => resolve(answer.statusCode));
          });
          sent.once('error', reject).end(`token=${'x'.repeat(30_000)}`);
        });
      for (let turn = 0; turn < 20; turn += 1) expect(await post()).toBe(401);
      agent.destroy();
    },
  );

  test('may be a second handshake with TLS 1.2', async () => {
    const options = { host: '127.0.0.1', servername: 'localhost', port, ca, maxVersion: 'TLSv1.2' } as const;
    const socket: TLSSocket = connect(options);
    await once(socket, 'secureConnect');
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise<void>((done, fail) =>
        socket.renegotiate({}, (error) => (error ? fail(error) : done())),
      );
      const answer = readOnce(socket);
      socket.write(GET);
      expect(await answer).toContain('200 OK');
    }
    socket.destroy();
  });

  test('is answered beside all that', async () => {
    expect((await askOverTls(port, '/health/live')).statusCode).toBe(200);
  });
});

test('a handshake has a bound in bytes after its hello', async () => {
  const socket = await open(port);
  const closed = closing(socket);
  const asked = readOnce(socket);
  socket.write(await helloWithout(['P-521', 'X25519']));
  // It asks for another hello, which comes in fragments of a byte and is announced as one of 128 kB.
  await asked;
  const fragment = (byte: number) => Buffer.from([22, 3, 3, 0, 1, byte]);
  socket.write(Buffer.concat([1, 2, 0, 0, ...Array<number>(4000).fill(3)].map(fragment)));
  await closed;
});

/** A hello with a key share of the first group alone. */
function helloWithout(groups: readonly string[]): Promise<Buffer> {
  return new Promise((resolve) => {
    const listener = createServer((socket) => {
      socket.once('data', (hello) => {
        socket.destroy();
        listener.close();
        resolve(hello);
      });
    });
    listener.listen(0, '127.0.0.1', () => {
      const { port: here } = listener.address() as { port: number };
      connect({ host: '127.0.0.1', port: here, ecdhCurve: groups.join(':') }).on('error', () => {});
    });
  });
}
