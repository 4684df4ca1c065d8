import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { socketTimes } from '../../src/http/create-server-with-limits.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { open, readOnce, waitUntilRefused } from './raw.ts';
import { askOverTls, ca, clientHello, tlsEnvironment } from './tls-peer.ts';

let server: TestServer;
let port: number;

beforeAll(async () => {
  port = await freePort();
  server = await startServer({ environment: tlsEnvironment(port) });
});
afterAll(() => server.stop());

/** The protocol and cipher that are agreed on; undefined where none is. */
function handshake(options: ConnectionOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, ca, ...options }, () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`);
      socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
  });
}

describe('https', () => {
  test('G2 TLS 1.3 is offered, and TLS 1.2 with ECDHE and AES-GCM alone', async () => {
    expect(await handshake({})).toMatch(/^TLSv1\.3 TLS_/);
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1\.2 TLS_ECDHE_ECDSA_WITH_AES_\d+_GCM_/);
    for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA', 'AES128-GCM-SHA256']) {
      expect(await handshake({ maxVersion: 'TLSv1.2', ciphers })).toBeUndefined();
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await handshake(old)).toBeUndefined();
  });

  test('a key exchange that costs the server much more than the client is not offered', async () => {
    for (const ecdhCurve of ['ffdhe2048', 'ffdhe3072', 'ffdhe8192', 'P-521'])
      expect(await handshake({ ecdhCurve }), ecdhCurve).toBeUndefined();
    for (const ecdhCurve of ['X25519', 'P-256', 'P-384', 'ffdhe8192:P-256'])
      expect(await handshake({ ecdhCurve }), ecdhCurve).toMatch(/^TLSv1\.3/);
  });

  test('a hello of more than 16 kB is refused unread, since parsing it is expensive', async () => {
    const ofLength = (bytes: number) => ['http/1.1', ...Array(bytes / 100).fill('x'.repeat(99))];
    // With a key share of ML-KEM, where OpenSSL has it, 2 kB more.
    expect(await handshake({ ALPNProtocols: ofLength(12_000) })).toMatch(/^TLSv1\.3/);
    expect(await handshake({ ALPNProtocols: ofLength(17_000) })).toBeUndefined();
  });

  test('a hello may arrive byte by byte, and in many records', async () => {
    const hello = await clientHello();
    const message = hello.subarray(5);
    const cut = (size: number) =>
      Buffer.concat(
        Array.from({ length: Math.ceil(message.length / size) }, (_, index) => {
          const part = message.subarray(index * size, (index + 1) * size);
          return Buffer.concat([Buffer.from([22, 3, 1, 0, part.length]), part]);
        }),
      );
    for (const bytes of [hello, cut(3), cut(1)]) {
      const socket = await open(port);
      const answer = readOnce(socket.setNoDelay());
      for (const byte of bytes.subarray(0, 20)) {
        await new Promise((written) => socket.write(Buffer.from([byte]), written));
      }
      socket.write(bytes.subarray(20));
      // A ServerHello is a record of handshake, and no alert.
      expect((await answer).charCodeAt(0)).toBe(22);
      socket.destroy();
    }
  });

  test('each byte of a hello in thousands of reads is parsed once', async () => {
    // One that never ends: a record for each of its bytes, and a read for each byte of these.
    const records = [1, 0, 0x3f, 0xff, ...Array(2400).fill(0)].map((byte) => [22, 3, 1, 0, 1, byte]);
    const socket = await open(port);
    socket.on('error', () => {}).setNoDelay();
    const before = process.cpuUsage();
    for (const byte of records.flat()) {
      socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    const { user, system } = process.cpuUsage(before);
    socket.destroy();
    const seconds = (user + system) / 1e6;
    // Of both sides, which are in this process.
    // 0.3 s; to look at all of it at each read took 1.6 s.
    expect(seconds).toBeLessThan(1);
  });

  test('G2 every answer has HSTS, errors too, and for no other host: many below a domain may have no TLS', async () => {
    for (const path of ['/login', '/jwks', '/health/live', '/nothing', '/token', '/%zz']) {
      expect((await askOverTls(port, path)).headers['strict-transport-security']).toMatch(
        /^max-age=31536000$/,
      );
    }
  });

  test('L10 cookies are __Host- and Secure', async () => {
    const cookies = (await askOverTls(port, '/login')).headers['set-cookie'] ?? [];
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(
      /^__Host-gatehouse_browser_[\w-]{8}=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });
});

test('a stop finishes a request under way over TLS, and waits for no handshake', async () => {
  const ownPort = await freePort();
  const times = { ...socketTimes, handshakeMs: 1000 };
  const own = await startServer({ environment: tlsEnvironment(ownPort), times });
  const hello = await clientHello();
  const half = await open(ownPort);
  half.on('error', () => {}).write(hello);
  const body = 'token=unknown';
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
  const options = { host: '127.0.0.1', servername: 'localhost', port: ownPort, ca, agent: false, headers };
  const sent = request({ ...options, path: '/revoke', method: 'POST' });
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('error', reject),
  );
  await new Promise((resolve) => sent.write(body.slice(0, 5), resolve));
  const stopped = own.stop();
  await waitUntilRefused(ownPort);
  sent.end(body.slice(5));
  const answer = await answered;
  answer.resume();
  expect([answer.statusCode, answer.headers.connection]).toEqual([401, 'close']);
  await stopped;
  half.destroy();
});
