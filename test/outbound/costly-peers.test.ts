/** Hosts that speak TLS and HTTP correctly, in the ways that cost the reader most. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';
import { createOutbound } from '../../src/outbound/send-to-checked-address.ts';
import { type Certificate, newCertificate } from '../conformance/certificate.ts';

const LIMIT_MS = 60_000;
let directory: string;
let certificate: Certificate;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-costly-'));
  certificate = await newCertificate(directory, 'localhost');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Sends a request to a host with these TLS options, which runs `speak` when the request arrives. */
async function ask(options: TlsOptions, speak: (socket: TLSSocket) => void, throughTap = direct) {
  const { cert, key, certFile } = certificate;
  const sockets = new Set<TLSSocket>();
  const host = createServer({ cert, key, ...options }, (socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => speak(socket));
  });
  await new Promise<void>((done) => host.listen(0, '127.0.0.1', done));
  const { port, close } = await throughTap((host.address() as AddressInfo).port);
  const environment = {
    GATEHOUSE_ISSUER: 'https://op.example.com',
    GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
    GATEHOUSE_DATABASE: 'postgres://nobody@localhost/none',
    GATEHOUSE_OUTBOUND_ALLOW: 'localhost 127.0.0.0/8',
    GATEHOUSE_OUTBOUND_CA: certFile,
  };
  try {
    const send = createOutbound(loadSettings({ environment }), LIMIT_MS);
    return await send({ url: `https://localhost:${port}/`, method: 'GET', selfRegistered: true });
  } finally {
    for (const socket of sockets) socket.destroy();
    host.close();
    close();
  }
}

const direct = async (port: number) => ({ port, close: () => {} });

/** Whether bytes that are not TLS follow the host's next bytes in the same segment. */
let isGarbageNext = false;

async function withGarbage(to: number) {
  const tap = createTcpServer((peer) => {
    const host = connect(to, '127.0.0.1');
    peer.pipe(host);
    host.on('data', (bytes) => {
      peer.write(isGarbageNext ? Buffer.concat([bytes, Buffer.from('not a TLS record')]) : bytes);
      isGarbageNext = false;
    });
    peer.on('error', () => {}).on('close', () => host.destroy());
    host.on('error', () => {}).on('close', () => peer.destroy());
  });
  await new Promise<void>((done) => tap.listen(0, '127.0.0.1', done));
  return { port: (tap.address() as AddressInfo).port, close: () => void tap.close() };
}

function repeat(text: string, start = '') {
  const lines = Buffer.from(text.repeat(Math.ceil(32_768 / text.length)));
  return (socket: TLSSocket) => {
    socket.write(start);
    const go = () => {
      while (socket.writable && socket.write(lines));
    };
    socket.on('drain', go);
    go();
  };
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const answer = (socket: TLSSocket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

describe('an answer with unlimited framing is aborted:', () => {
  it.each([
    ['100 Continue', repeat('HTTP/1.1 100 Continue\r\n\r\n')],
    ['103 Early Hints', repeat(`HTTP/1.1 103 Early Hints\r\n${'link: </x>\r\n'.repeat(500)}\r\n`)],
    ['chunk extensions', repeat(`1;${'e'.repeat(8000)}\r\nx\r\n`, chunked)],
    ['chunks of one byte', repeat('1\r\nx\r\n', chunked)],
  ])('%s', async (_what, speak) => {
    await expect(ask({}, speak)).rejects.toThrow(/sent more than 98304 bytes/);
  });

  it('an interim answer and a complete answer in small chunks are accepted', async () => {
    const { status, body } = await ask({}, (socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      socket.end(`${chunked}${`40;n=1\r\n${'x'.repeat(64)}\r\n`.repeat(1024)}0\r\n\r\n`);
    });
    expect({ status, length: body.length }).toEqual({ status: 200, length: 65_536 });
  });
});

describe('the bytes read below HTTP are bounded:', () => {
  it('a long certificate chain, which costs one signature check for each certificate', async () => {
    const { cert } = certificate;
    const ofLength = (bytes: number) => `${cert}\n`.repeat(Math.ceil(bytes / (cert.length * 0.75)));
    await expect(ask({ cert: ofLength(20_000) }, answer)).rejects.toThrow(/more than 16384 bytes of TLS/);
    await expect(ask({ cert: ofLength(20_000), maxVersion: 'TLSv1.2' }, answer)).rejects.toThrow(
      /more than 16384 bytes of TLS/,
    );
    expect((await ask({ cert: ofLength(10_000) }, answer)).status).toBe(200);
  });

  it('many small TLS records around an answer', async () => {
    const inRecordsOfOneByte = async (socket: TLSSocket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n');
      for (let sent = 0; sent < 20_000 && socket.writable; sent += 1) {
        await new Promise((written) => socket.write('x', written));
      }
    };
    await expect(ask({}, inRecordsOfOneByte)).rejects.toThrow(/more than 262144 bytes of TLS/);
  });
});

describe('bytes that are not TLS after the answer', () => {
  // An unhandled error of the socket would end the process, and fail this run.
  it.each([
    ['101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', /another protocol/],
    ['200 OK\r\nContent-Length: 9\r\n\r\n', /./],
  ])('fail only the request where the answer is %j', async (head, message) => {
    const speak = (socket: TLSSocket) => {
      isGarbageNext = true;
      socket.write(`HTTP/1.1 ${head}`);
    };
    await expect(ask({}, speak, withGarbage)).rejects.toThrow(message);
  });
});

describe('a TLS renegotiation', () => {
  it('is refused, because each handshake costs a signature', async () => {
    let done = 0;
    const begin = (socket: TLSSocket) => {
      socket.renegotiate({}, (error) => {
        if (!error) done += 1;
        answer(socket);
      });
    };
    await expect(ask({ maxVersion: 'TLSv1.2' }, begin)).rejects.toThrow(/handshake failure/);
    expect(done).toBe(0);
  });
});

describe('only key exchanges of bounded cost are offered:', () => {
  it('Diffie-Hellman with a prime of the host is not offered', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'rsa',
    });
    const ciphers = 'DHE-RSA-AES128-GCM-SHA256';
    const options = { cert, key, dhparam: 'auto', ciphers, maxVersion: 'TLSv1.2' } as const;
    await expect(ask(options, answer)).rejects.toThrow(/handshake failure/);
  });

  it.each(['ffdhe2048', 'ffdhe8192', 'P-521'])('%s is not offered', async (ecdhCurve) => {
    await expect(ask({ ecdhCurve }, answer)).rejects.toThrow(/handshake failure/);
  });

  it.each(['X25519', 'P-256', 'P-384'])('%s is offered, with TLS 1.3 and 1.2', async (ecdhCurve) => {
    expect((await ask({ ecdhCurve }, answer)).status).toBe(200);
    expect((await ask({ ecdhCurve, maxVersion: 'TLSv1.2' }, answer)).status).toBe(200);
  });
});
