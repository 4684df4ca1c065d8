/** gatehouse doctor asks the issuer through whatever is between, and says whether the server knows who asks. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newCertificate } from '../conformance/certificate.ts';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';

let directory: string;
let certFile: string;
let proxy: Server;
let proxyPort: number;
let serverPort: number;
/** What the proxy adds. */
let added: Record<string, string>;
let server: TestServer | undefined;

/** Ends TLS, and passes on. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-behind-'));
  const certificate = await newCertificate(directory, 'id.example.com');
  certFile = certificate.certFile;
  [proxyPort, serverPort] = [await freePort(), await freePort()];
  proxy = createServer(
    { cert: readFileSync(certFile), key: readFileSync(certificate.keyFile) },
    (incoming, answer) => {
      const { method, url, headers } = incoming;
      const options = {
        port: serverPort,
        host: '127.0.0.1',
        method,
        path: url,
        headers: { ...headers, ...added },
      };
      const passed = request(options, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      passed.on('error', () => answer.writeHead(502).end('nobody there'));
      incoming.pipe(passed);
    },
  );
  await new Promise<void>((done) => proxy.listen(proxyPort, '127.0.0.1', done));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => {
  proxy.close();
  rmSync(directory, { recursive: true, force: true });
});

async function proxyFinding(trusted: string, headers: Record<string, string>) {
  added = headers;
  const issuer = `https://localhost:${proxyPort}`;
  const settings = {
    GATEHOUSE_ISSUER: issuer,
    GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
    GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}`,
    GATEHOUSE_TRUSTED_PROXIES: trusted,
  };
  server ??= await startServer({ port: serverPort, environment: settings });
  const shell = `export GATEHOUSE_ISSUER=${issuer} GATEHOUSE_OUTBOUND_CA=${certFile}; exec "$@"`;
  const { out } = await runCommand(directory, settings.GATEHOUSE_DATABASE, ['doctor', '--json'], { shell });
  const findings = JSON.parse(out) as { name: string; status: string; evidence: string; fix: string }[];
  const { status, evidence, fix } = findings.find(({ name }) => name === 'proxy') ?? {};
  return [status, evidence, fix];
}

it('a proxy that is not trusted, though it names the client', async () => {
  expect(await proxyFinding('', { 'x-forwarded-for': '198.51.100.7' })).toEqual([
    'WARN',
    expect.stringMatching(/^x-forwarded-for came from 127\.0\.0\.1, which trusted_proxies does not name/),
    'if it is your proxy, write trusted_proxies: 127.0.0.1',
  ]);
});

it('a proxy that does not name the client, trusted or not', async () => {
  expect(await proxyFinding('', {})).toEqual([
    'WARN',
    expect.stringMatching(/^127\.0\.0\.1 ends https and does not say for whom/),
    expect.stringMatching(/X-Forwarded-For \$remote_addr; and here trusted_proxies: 127\.0\.0\.1$/),
  ]);
  await server?.stop();
  server = undefined;
  for (const headers of [{}, { forwarded: 'for=198.51.100.7' }])
    expect((await proxyFinding('127.0.0.1', headers)).slice(0, 2)).toEqual([
      'WARN',
      expect.stringMatching(/^the proxy 127\.0\.0\.1 does not say by X-Forwarded-For/),
    ]);
});

it('a second proxy before a trusted one, which is not trusted itself', async () => {
  expect(await proxyFinding('127.0.0.1', { 'x-forwarded-for': '198.51.100.7, 203.0.113.9' })).toEqual([
    'WARN',
    expect.stringMatching(/^203\.0\.113\.9 asks for others/),
    'if it is your proxy, add 203.0.113.9 to trusted_proxies',
  ]);
});

it('a trusted proxy that names the client, on this machine too', async () => {
  for (const address of ['198.51.100.7', '127.0.0.1'])
    expect(await proxyFinding('127.0.0.1', { 'x-forwarded-for': address })).toEqual([
      'PASS',
      `127.0.0.1 asks for ${address}`,
      '',
    ]);
});
