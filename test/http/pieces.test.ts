/** Bodies that come in tiny pieces, and bodies that nobody wants: what is read and held is bounded by what they say. */
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { freePort } from '../support/free-port.ts';
import { heldBytes } from '../support/heap.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { open, readOnce, readToEnd } from './raw.ts';
import { ca, tlsEnvironment } from './tls-peer.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const CHUNK = '1\r\nx\r\n';
const END = '0\r\n\r\n';
/** Of the reads that it takes to see too many pieces, the last may bring 64 kB. */
const SOON = 131_072;

function head(path: string, { method = 'POST', type = FORM, more = 'Transfer-Encoding: chunked' } = {}) {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', more];
  if (type !== '') lines.push(`Content-Type: ${type}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const chunksOf = (size: number, text: string) =>
  (text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [])
    .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
    .join('');

describe.each([
  { over: 'plain HTTP', isTls: false },
  { over: 'TLS', isTls: true },
])('over $over', ({ isTls }) => {
  let server: TestServer;
  let app: ReturnType<typeof createApp>;
  let port: number;
  let taken: Socket[] = [];

  beforeAll(async () => {
    const environment = {
      ...(isTls && tlsEnvironment(await freePort())),
      GATEHOUSE_REGISTRATION: 'open',
    };
    server = await startServer({ environment });
    app = createApp(server.gatehouse);
    await app.fastify.listen({ host: '127.0.0.1', port: 0 });
    ({ port } = app.fastify.server.address() as AddressInfo);
    app.fastify.server.prependListener('request', ({ socket }) => void taken.push(socket));
  });
  afterAll(async () => {
    await app.fastify.close();
    await server.stop();
  });

  const connected = async () => {
    taken = [];
    const options = { host: '127.0.0.1', servername: 'localhost', port, ca };
    const socket = isTls ? connectTls(options) : await open(port);
    return socket.on('error', () => {});
  };

  /** Sends the text again and again until the other side closes; how many bytes were read there. */
  async function flood(
    start: string,
    text: string,
  ): Promise<{ readonly read: number; readonly answer: string }> {
    const socket = await connected();
    const answer = readToEnd(socket);
    socket.write(start);
    const pieces = text.repeat(Math.ceil(16_384 / text.length));
    const go = () => {
      while (socket.writable && socket.write(pieces));
    };
    socket.on('drain', go);
    go();
    return { answer: await answer, read: taken[0]?.bytesRead ?? 0 };
  }

  async function ask(text: string): Promise<string> {
    const socket = await connected();
    const answer = readToEnd(socket);
    socket.write(text.replace('\r\n', '\r\nConnection: close\r\n'));
    return answer;
  }

  describe('a body in tiny pieces', () => {
    test.each([
      ['/token', FORM],
      ['/introspect', FORM],
      ['/login', FORM],
      ['/register', JSON_TYPE],
    ])('to %s ends the connection', async (path, type) => {
      expect((await flood(head(path, { type }), CHUNK)).read).toBeLessThan(SOON);
    });

    test('of too many pieces is refused with the reason', async () => {
      const answer = await ask(head('/token') + CHUNK.repeat(1800) + END);
      expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*connection: close[\s\S]*in more than 1536 pieces/i);
      const page = await ask(head('/login') + CHUNK.repeat(1800) + END);
      expect(page).toMatch(/^HTTP\/1\.1 400 [\s\S]*text\/html/i);
    });

    test('holds as much memory as it has bytes', async () => {
      const before = heldBytes();
      const sockets = await Promise.all(
        Array.from({ length: 50 }, async () => {
          const socket = await connected();
          socket.write(head('/token') + CHUNK.repeat(1500));
          return socket;
        }),
      );
      await vi.waitUntil(() => taken.filter(({ bytesRead }) => bytesRead > 9000).length === 50, 10_000);
      expect(heldBytes() - before).toBeLessThan(8 * 1024 * 1024);
      for (const socket of sockets) socket.destroy();
    });

    test('in extensions of chunks ends the connection', async () => {
      const { read } = await flood(head('/token'), `1;${'e'.repeat(8000)}\r\nx\r\n`);
      expect(read).toBeLessThan(3 * SOON);
    });
  });

  describe('a body in usual chunks', () => {
    const form = (length: number) => `grant_type=${'x'.repeat(length - 11)}`;

    test.each([16_384, 1024, 64])('in chunks of %i bytes is accepted up to 64 kB', async (size) => {
      const taken = await ask(head('/token') + chunksOf(size, form(200)) + END);
      expect(taken).toMatch(/^HTTP\/1\.1 40[01] /);
      const most = await ask(head('/token') + chunksOf(size, `a=1&${'&'.repeat(65_532)}`) + END);
      expect(most).toMatch(/^HTTP\/1\.1 400 [\s\S]*more than 100 parameters/);
      const more = await ask(head('/token') + chunksOf(size, `a=1&${'&'.repeat(65_533)}`) + END);
      expect(more).toMatch(/^HTTP\/1\.1 413 [\s\S]*larger than 64 kB/);
    });

    test('is the same whether it arrives at once or byte by byte', async () => {
      const body = '{"redirect_uris":["https://app.example/cb"],"client_name":"Ü and a name"}';
      const more = `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
      const socket = await connected();
      const answer = readToEnd(socket.setNoDelay());
      socket.write(head('/register', { type: JSON_TYPE, more }));
      for (const byte of Buffer.from(body)) {
        await new Promise((written) => socket.write(Buffer.from([byte]), written));
      }
      expect(await answer).toMatch(/^HTTP\/1\.1 201 [\s\S]*"client_name":"Ü and a name"/);
    });

    test('with a Content-Length above 64 kB is 413 before it arrives', async () => {
      const answer = await ask(head('/token', { more: 'Content-Length: 65537' }));
      expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i);
    });
  });

  describe('a body that no handler reads', () => {
    const unwanted: [string, string][] = [
      ['GET a document', head('/jwks', { method: 'GET', type: '' })],
      ['HEAD', head('/jwks', { method: 'HEAD', type: '' })],
      ['GET a page', head('/login', { method: 'GET', type: '' })],
      ['OPTIONS', head('/token', { method: 'OPTIONS', type: '' })],
      ['404', head('/nowhere')],
      ['405', head('/jwks')],
      ['415', head('/token', { type: 'text/plain' })],
      ['431', head('/token', { more: `Origin: ${'x'.repeat(600)}\r\nTransfer-Encoding: chunked` })],
      ['417', head('/token', { more: 'Expect: tea\r\nTransfer-Encoding: chunked' })],
    ];

    test.each(unwanted)('in tiny pieces ends the connection: %s', async (_what, start) => {
      expect((await flood(start, CHUNK)).read).toBeLessThan(SOON);
    });

    test.each(unwanted)('in large ones as well: %s', async (_what, start) => {
      const { read, answer } = await flood(start, `4000\r\n${'x'.repeat(16_384)}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 [24]\d\d /);
      expect(read).toBeLessThan(3 * SOON);
    });

    test('and is short does not end the connection', async () => {
      const socket = await connected();
      for (let turn = 0; turn < 3; turn += 1) {
        const answer = readOnce(socket);
        socket.write(`${head('/jwks', { method: 'GET', type: '' })}4000\r\n${'x'.repeat(8000)}`);
        expect(await answer).toContain('200 OK');
        socket.write(`${'x'.repeat(8384)}\r\n${END}`);
      }
      socket.destroy();
      expect(taken).toHaveLength(3);
    });
  });
});
