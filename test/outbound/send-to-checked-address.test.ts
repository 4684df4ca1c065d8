import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';
import { createNames, type Names, nameBounds } from '../../src/outbound/resolve-host-names.ts';
import { createOutbound, OutboundRefusedError } from '../../src/outbound/send-to-checked-address.ts';
import { type Certificate, newCertificate } from '../conformance/certificate.ts';
import { startNameServer } from '../support/name-server.ts';

let directory: string;
let certificate: Certificate;
let canary: Server;
let secure: Server;
let connections = 0;
/** Requests that the test answers later. */
const held: ServerResponse[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-outbound-'));
  certificate = await newCertificate(directory, 'localhost');
  canary = createServer((_request, response) => response.end('canary'));
  secure = createSecureServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    if (request.url === '/redirect')
      response.writeHead(302, { location: `https://localhost:${portOf(secure)}/` });
    if (request.url === '/long') response.write(Buffer.alloc(70_000));
    if (request.url === '/never') return;
    if (request.url === '/upgrade') return void switchProtocols(response);
    if (request.url === '/close') return void response.socket?.end();
    if (request.url === '/early') return void sayEarly(response);
    if (request.url === '/held') return void held.push(response);
    response.end(`${request.method} ${request.headers.accept ?? ''}`);
  }) as unknown as Server;
  for (const server of [canary, secure]) {
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  }
});
afterAll(() => {
  for (const server of [canary, secure]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(directory, { recursive: true, force: true });
});

function switchProtocols({ socket }: ServerResponse) {
  socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
}

/** Sends interim answers until the connection is closed. */
function sayEarly({ socket }: ServerResponse) {
  const saying = setInterval(() => socket?.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), 5);
  socket?.once('close', () => clearInterval(saying));
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

function outbound(
  more: Record<string, string> = {},
  issuer = 'https://op.example.com',
  limitMs?: number,
  newNames?: () => Names,
) {
  const environment = {
    GATEHOUSE_ISSUER: issuer,
    GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
    GATEHOUSE_DATABASE: 'postgres://nobody@localhost/none',
    ...more,
  };
  return createOutbound(loadSettings({ environment }), limitMs, newNames);
}

describe('A106 addresses that are not public', () => {
  const hosts = (port: number) => [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `[::1]:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `[::ffff:7f00:1]:${port}`,
    `[64:ff9b::7f00:1]:${port}`,
    `0x7f.1:${port}`,
    `0177.0.0.1:${port}`,
    `2130706433:${port}`,
    `0.0.0.0:${port}`,
    '169.254.169.254',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '[fe80::1]',
    '[fc00::1]',
    `[::7f00:1]:${port}`,
    `[::ffff:0:7f00:1]:${port}`,
    `[2002:7f00:1::]:${port}`,
    `[64:ff9b:1::7f00:1]:${port}`,
    '[2001:0:7f00:1::]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[4000::1]',
    '[5f00::1]',
    '[fec0::1]',
    '[::2]',
    '224.0.0.1',
  ];

  it('are refused before a connection is opened, and the error names the setting', async () => {
    const send = outbound();
    const before = connections;
    for (const host of hosts(portOf(secure))) {
      const asked = send({ url: `https://${host}/`, method: 'GET', selfRegistered: false });
      await expect(asked, host).rejects.toThrow(OutboundRefusedError);
      await expect(
        send({ url: `https://${host}/`, method: 'GET', selfRegistered: false }),
        host,
      ).rejects.toThrow(/outbound_allow/);
    }
    expect(connections).toBe(before);
  });

  it('http, other schemes and a user name in the URL are refused', async () => {
    const send = outbound();
    const before = connections;
    for (const url of [
      `http://127.0.0.1:${portOf(canary)}/`,
      'file:///etc/passwd',
      'ftp://example.com/',
      'https://user@example.com/',
    ]) {
      await expect(send({ url, method: 'GET', selfRegistered: false }), url).rejects.toThrow(
        OutboundRefusedError,
      );
    }
    expect(connections).toBe(before);
  });

  it('http to this machine is allowed in development', async () => {
    const send = outbound({ GATEHOUSE_OUTBOUND_ALLOW: '127.0.0.0/8' }, 'http://localhost:4000');
    const { body } = await send({
      url: `http://127.0.0.1:${portOf(canary)}/`,
      method: 'GET',
      selfRegistered: false,
    });
    expect(body.toString()).toBe('canary');
  });
});

describe('a request to an allowed address', () => {
  const allowed = (limitMs?: number, newNames?: () => Names) =>
    outbound(
      { GATEHOUSE_OUTBOUND_ALLOW: 'localhost 127.0.0.0/8', GATEHOUSE_OUTBOUND_CA: certificate.certFile },
      'https://op.example.com',
      limitMs,
      newNames,
    );
  const url = (path: string) => `https://localhost:${portOf(secure)}${path}`;

  it('succeeds by host name and network, with the authority of outbound_ca', async () => {
    const { status, body } = await allowed()({
      url: url('/'),
      method: 'GET',
      selfRegistered: false,
      accept: 'application/json',
    });
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: 'GET application/json' });
  });

  it('needs a trusted certificate', async () => {
    const send = outbound({ GATEHOUSE_OUTBOUND_ALLOW: 'localhost' });
    await expect(send({ url: url('/'), method: 'GET', selfRegistered: false })).rejects.toThrow(
      /certificate/,
    );
  });

  it('A107 A110 follows no redirect and reads a bounded answer', async () => {
    expect((await allowed()({ url: url('/redirect'), method: 'GET', selfRegistered: false })).status).toBe(
      302,
    );
    await expect(allowed()({ url: url('/long'), method: 'GET', selfRegistered: false })).rejects.toThrow(
      /longer than 65536/,
    );
  });

  it('A110 has a limited time', async () => {
    await expect(allowed(50)({ url: url('/never'), method: 'GET', selfRegistered: false })).rejects.toThrow(
      /no answer within 50 ms/,
    );
  });

  it('fails in time where 101, 103 or a closed connection comes instead of an answer', async () => {
    await expect(
      allowed(500)({ url: url('/upgrade'), method: 'GET', selfRegistered: false }),
    ).rejects.toThrow(/answered 101/);
    await expect(allowed(500)({ url: url('/close'), method: 'GET', selfRegistered: false })).rejects.toThrow(
      /hang up|closed/,
    );
    await expect(allowed(100)({ url: url('/early'), method: 'GET', selfRegistered: false })).rejects.toThrow(
      /within 100 ms/,
    );
  });

  it('a host that never answers uses at most its share of connections, and requests to other hosts succeed', async () => {
    const send = allowed(20_000);
    const hanging = Array.from({ length: 40 }, () =>
      send({ url: url('/held'), method: 'GET', selfRegistered: false }),
    );
    const other = `https://127.0.0.1:${portOf(secure)}/`;
    expect((await send({ url: other, method: 'GET', selfRegistered: false })).status).toBe(200);
    await expect.poll(() => held.length, { timeout: 20_000 }).toBe(16);
    for (let ended = 0; ended < 40; ended += 1) {
      await expect.poll(() => held.length, { timeout: 20_000 }).toBeGreaterThan(0);
      held.shift()?.end('held');
    }
    expect((await Promise.all(hanging)).map(({ body }) => body.toString())).toEqual(Array(40).fill('held'));
  });

  it('self-registered clients that name a host with a path that never answers do not block operators’ requests to it', async () => {
    const send = allowed(20_000);
    const ask = (path: string, selfRegistered: boolean) =>
      send({ url: url(path), method: 'GET', selfRegistered });
    const hanging = Array.from({ length: 200 }, () => ask('/held', true));
    const outcomes = Promise.allSettled(hanging);
    // Together they have the share of one host, and the bound on waiting requests applies to them.
    await expect.poll(() => held.length, { timeout: 20_000 }).toBe(16);
    await expect(ask('/', true).then(({ status }) => status)).rejects.toThrow(/too many such requests/);
    expect((await ask('/', false)).status).toBe(200);
    const ending = setInterval(() => {
      for (const response of held.splice(0)) response.end();
    }, 5);
    await outcomes;
    clearInterval(ending);
  });

  it('self-registered clients that name unresolvable subdomains of a host do not block operators’ requests to it', async () => {
    const server = await startNameServer((name) => (name.startsWith('app.') ? ['127.0.0.1'] : 'silent'));
    const files = { hosts: join(directory, 'hosts'), resolvConf: join(directory, 'resolv.conf') };
    writeFileSync(files.resolvConf, `nameserver 127.0.0.1:${server.port}\n`);
    const send = allowed(20_000, () => createNames({ files, bounds: { ...nameBounds, waitingEach: 2 } }));
    const ask = (name: string, selfRegistered: boolean) =>
      send({ url: `https://${name}.site.example:${portOf(secure)}/`, method: 'GET', selfRegistered });
    const silent = Promise.allSettled(Array.from({ length: 18 }, (_none, n) => ask(`n${n}`, true)));
    await expect(ask('app', true)).rejects.toThrow(/too many such requests/);
    // The connection was opened, and the certificate is for another name.
    await expect(ask('app', false)).rejects.toThrow(/altnames/);
    await silent;
    await server.close();
  });
});
