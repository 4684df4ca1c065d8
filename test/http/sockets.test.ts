import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { confidentialClient, type Registered } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { exchange, open, readOnce, readToEnd, waitUntilRefused } from './raw.ts';

let server: TestServer;
let port: number;

beforeAll(async () => {
  server = await startServer({
    environment: { GATEHOUSE_MAX_CONNECTIONS: '16', GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '16' },
  });
  port = Number(new URL(server.issuer).port);
});
afterAll(() => server.stop());

const END = 'Host: localhost\r\nConnection: close\r\n\r\n';

function expectAnswer(text: string, status: number): void {
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  for (const header of [
    'x-content-type-options: nosniff',
    'x-frame-options: DENY',
    'cache-control: no-store',
    'x-request-id: ',
  ])
    expect(text.toLowerCase()).toContain(header.toLowerCase());
  expect(text).toMatch(/"error":"invalid_request"/);
}

describe('requests that are not ordinary HTTP', () => {
  test('G15 TRACE is 405 with Allow, and is not echoed', async () => {
    const answer = await exchange(port, `TRACE /token HTTP/1.1\r\nX-Secret: hidden\r\n${END}`);
    expectAnswer(answer, 405);
    expect(answer).toMatch(/allow: POST, OPTIONS/i);
    expect(answer).not.toContain('hidden');
  });

  test.each(['BREW / HTTP/1.1', 'get /jwks HTTP/1.1', 'CONNECT evil.example:443 HTTP/1.1'])(
    'G15 a method that nobody knows is 405 with Allow: %s',
    async (line) => {
      const answer = await exchange(port, `${line}\r\n${END}`);
      expectAnswer(answer, 405);
      expect(answer).toMatch(/allow: GET, HEAD, POST/i);
    },
  );

  test('a malformed request is 400, and too many headers 431, with every header', async () => {
    expectAnswer(await exchange(port, `GET /jwks HTTP/1.1\r\nbad header\r\n${END}`), 400);
    expectAnswer(
      await exchange(port, `POST /token HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${END}`),
      400,
    );
    expectAnswer(await exchange(port, `GET /jwks HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n${END}`), 431);
  });

  test('A064 an absolute-form target and a strange Host change nothing', async () => {
    const answer = await exchange(
      port,
      'GET http://evil.example/.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(answer).not.toContain('evil.example');
  });

  test('a client that names its request id does not get it', async () => {
    const answer = await exchange(
      port,
      `GET /health/live HTTP/1.1\r\nX-Request-Id: chosen\r\nRequest-Id: chosen\r\n${END}`,
    );
    expect(answer).toContain('200 OK');
    expect(answer).not.toContain('chosen');
  });
});

describe('a client that disconnects', () => {
  test('in the middle of its body is not logged as a failure of the server', async () => {
    const socket = await open(port);
    const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100';
    socket.write(`POST /revoke HTTP/1.1\r\nHost: localhost\r\n${form}\r\n\r\ntoken=`);
    socket.end();
    await readToEnd(socket);
    await exchange(port, `GET /health/live HTTP/1.1\r\n${END}`);
    expect(server.lines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});

describe('limits', () => {
  test('a slow or silent sender is cut off within seconds', async () => {
    const app = createApp(server.gatehouse);
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = app.fastify.server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, timeout }).toEqual({
      headersTimeout: 5000,
      requestTimeout: 10_000,
      keepAliveTimeout: 10_000,
      timeout: 7000,
    });
    await app.fastify.close();
  });

  test('no more sockets are held than the setting allows', async () => {
    let closed = 0;
    const sockets = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const socket = await open(port);
        socket
          .on('error', () => socket.destroy())
          .once('close', () => {
            closed += 1;
          });
        return socket.resume();
      }),
    );
    await vi.waitUntil(() => closed >= 24, { timeout: 5000 });
    expect(closed).toBeLessThan(40);
    for (const socket of sockets) socket.destroy();
    await vi.waitUntil(() => closed === 40, { timeout: 5000 });
    const answer = () => exchange(port, `GET /health/live HTTP/1.1\r\n${END}`);
    await vi.waitUntil(async () => (await answer()).includes('200 OK'), { timeout: 5000 });
  });
});

describe('stopping', () => {
  test('a request in progress is finished, its connection ends, and no new one is accepted', async () => {
    const own = await startServer();
    const ownPort = Number(new URL(own.issuer).port);
    const machine: Registered = await confidentialClient(own, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
    });
    const { client_id } = machine.client;
    const body = `grant_type=client_credentials&client_id=${client_id}&client_secret=${machine.client_secret}`;
    const form = `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}`;
    const [busy, kept, silent] = [await open(ownPort), await open(ownPort), await open(ownPort)];
    const late = await open(ownPort);
    const lateAnswer = readToEnd(late);
    late.write('GET /health/live HTTP/1.1\r\nHost: loc');
    const answer = readToEnd(busy);
    busy.write(`POST /token HTTP/1.1\r\nHost: localhost\r\n${form}\r\n\r\n${body.slice(0, 20)}`);
    kept.write('GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await readOnce(kept)).toMatch(/200 OK[\s\S]*"ready"/);

    const stopped = own.stop();
    // While it settles, what comes is answered as ever; afterwards, with word that the connection ends.
    kept.write('GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await readOnce(kept)).toMatch(/503 Service Unavailable[\s\S]*connection: keep-alive/i);
    await waitUntilRefused(ownPort);
    const last = readToEnd(kept);
    kept.write('GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await last).toMatch(/503 Service Unavailable[\s\S]*connection: close[\s\S]*"not ready"/i);

    // Whoever sends nothing is not waited for; whoever is in the middle of a request is.
    expect(await readToEnd(silent)).toBe('');
    late.write('alhost\r\n\r\n');
    expect(await lateAnswer).toMatch(/200 OK[\s\S]*connection: close[\s\S]*"live"/i);
    busy.write(body.slice(20));
    expect(await answer).toMatch(/200 OK[\s\S]*connection: close[\s\S]*access_token/i);
    await stopped;
  });
});
