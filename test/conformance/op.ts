/** The provider under test over https, and the relying party's own https site beside it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';
import { alice } from './alice.ts';
import { newCertificate } from './certificate.ts';
import { conformanceEnvironment } from './environment.ts';
import { createSecureSend, type SecureSend } from './https.ts';

export interface Site {
  readonly origin: string;
  /** What it answers at a path; everything else is 404. */
  readonly answers: Map<string, { readonly type: string; readonly body: string }>;
  /** Every request that it got, oldest first. */
  readonly requests: { readonly method: string; readonly path: string; readonly body: string }[];
}

export interface Op {
  readonly server: TestServer;
  readonly issuer: string;
  readonly send: SecureSend;
  /** The discovery document. */
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at member by member
  readonly metadata: Record<string, any>;
  readonly site: Site;
  /** A browser that has never been here, without JavaScript. */
  newBrowser(): UserAgent;
  stop(): Promise<void>;
}

export async function startOp(): Promise<Op> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-plan-'));
  const [host, port, certificate] = [
    'localhost',
    await freePort(),
    await newCertificate(directory, 'localhost'),
  ];
  const { certFile, keyFile } = certificate;
  const masterKey = 'a master key for these plans that guards nothing';
  const place = { host, port, address: '127.0.0.1', directory, certFile, keyFile, masterKey };
  const server = await startServer({ environment: conformanceEnvironment(place) });
  await server.user(alice.username, alice.claims);
  const send = createSecureSend(certificate.cert);
  const { issuer } = server.gatehouse.settings;
  const { site, listening } = await openSite(certificate);
  return {
    server,
    issuer,
    send,
    metadata: (await (await send(`${issuer}/.well-known/openid-configuration`)).json()) as Op['metadata'],
    site,
    newBrowser: () => createUserAgent(issuer, {}, (url, init) => send(url, init)),
    async stop() {
      await server.stop();
      await new Promise((done) => listening.close(done));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function openSite({
  cert,
  key,
}: {
  cert: string;
  key: string;
}): Promise<{ site: Site; listening: Server }> {
  const port = await freePort();
  const site: Site = { origin: `https://localhost:${port}`, answers: new Map(), requests: [] };
  const listening = createServer({ cert, key }, (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.once('end', () => {
      const path = request.url ?? '';
      site.requests.push({ method: request.method ?? '', path, body });
      const answer = site.answers.get(path.replace(/\?.*/, ''));
      response.writeHead(answer ? 200 : 404, { 'content-type': answer?.type ?? 'text/plain' });
      response.end(answer?.body ?? 'nothing here');
    });
  });
  await new Promise<void>((done) => listening.listen(port, '127.0.0.1', done));
  return { site, listening };
}

export const credentials = { username: alice.username, password: PASSWORD };
