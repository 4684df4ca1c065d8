/** Requests that are sent without waiting for answers: some are answered, and a flood of them is not even read. */
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { open, readToEnd } from './raw.ts';
import { ca, tlsEnvironment } from './tls-peer.ts';

const GET = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';
const LAST = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/** What Node reads at once holds a thousand of them. */
const FLOOD = GET.repeat(5000);

describe.each([
  { over: 'plain HTTP', isTls: false },
  { over: 'TLS', isTls: true },
])('over $over', ({ isTls }) => {
  let server: TestServer;
  let app: ReturnType<typeof createApp>;
  let port: number;
  let lookedAtInVain = 0;

  beforeAll(async () => {
    server = await startServer(isTls ? { environment: tlsEnvironment(await freePort()) } : {});
    app = createApp(server.gatehouse);
    await app.fastify.listen({ host: '127.0.0.1', port: 0 });
    ({ port } = app.fastify.server.address() as AddressInfo);
    app.fastify.server.prependListener('request', ({ socket }) => {
      if (socket.destroyed) lookedAtInVain += 1;
    });
  });
  afterAll(async () => {
    await app.fastify.close();
    await server.stop();
  });

  const connected = () =>
    isTls ? connectTls({ host: '127.0.0.1', servername: 'localhost', port, ca }) : open(port);

  test('four requests at once are answered', async () => {
    const socket = await connected();
    socket.write(GET.repeat(3) + LAST);
    const answers = (await readToEnd(socket)).match(/HTTP\/1\.1 200 /g);
    expect(answers).toHaveLength(4);
  });

  test('more than that end the connection with those that wait, and the rest of the input is not parsed', async () => {
    const socket = await connected();
    socket.write(FLOOD);
    const answers = (await readToEnd(socket)).match(/HTTP\/1\.1 200 /g) ?? [];
    expect(answers.length).toBeLessThan(5000);
    expect(lookedAtInVain).toBe(0);
    const next = await connected();
    next.write(LAST);
    expect(await readToEnd(next)).toContain('200 OK');
  });
});
