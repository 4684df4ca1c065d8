/**
 * Runs in a network of its own (namespace.test.ts): its own loopback, name server on port 53, /etc/hosts and
 * /etc/resolv.conf. Prints the outcome of each scene as one line of JSON.
 */
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { loadSettings } from '../../src/config/load-settings.ts';
import { createNames, nameBounds } from '../../src/outbound/resolve-host-names.ts';
import { createOutbound, type Outbound } from '../../src/outbound/send-to-checked-address.ts';
import { newCertificate } from '../conformance/certificate.ts';
import { type Answer, startNameServer } from '../support/name-server.ts';

const [directory = '', PUBLIC = ''] = process.argv.slice(2);
/** Long enough for a busy machine, shorter than getaddrinfo needs for names whose server does not answer. */
const LIMIT_MS = 15_000;

const rebound = new Map<string, number>();

/** A public address the first time, then an address of this machine. */
function rebind(name: string): readonly string[] {
  const times = rebound.get(name) ?? 0;
  rebound.set(name, times + 1);
  return [times === 0 ? PUBLIC : '127.0.0.1'];
}

function answer(name: string, type: 'A' | 'AAAA'): Answer {
  if (/\.slow\d+\.example$/.test(name)) return 'silent';
  if (name === 'honest.example') return [PUBLIC];
  if (name === 'app.prod.svc.cluster.local' || name === 'api.other.svc.cluster.local') return ['127.0.0.1'];
  if (name === 'rebind.example') return type === 'A' ? rebind(name) : [];
  if (name === 'private.example') return ['127.0.0.1'];
  if (name === 'half.example') return [PUBLIC, '10.0.0.1'];
  if (name === 'mapped.example') return ['::ffff:127.0.0.1'];
  return 'none';
}

async function main(): Promise<void> {
  const names = ['in-hosts', 'app', 'api.other.svc', 'honest.example', 'rebind.example'] as const;
  const { cert, key, certFile } = await newCertificate(directory, ...names);
  const connected: string[] = [];
  const secure = createServer({ cert, key }, (_request, response) => response.end('here'));
  secure.on('connection', (socket: Socket) => connected.push(socket.localAddress ?? ''));
  await new Promise<void>((done) => secure.listen(443, '0.0.0.0', done));
  const server = await startNameServer(answer, { port: 53 });
  const outbound = (allow: string) => {
    const environment = {
      GATEHOUSE_ISSUER: 'https://op.example.com',
      GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
      GATEHOUSE_DATABASE: 'postgres://nobody@localhost/none',
      GATEHOUSE_OUTBOUND_CA: certFile,
      ...(allow !== '' && { GATEHOUSE_OUTBOUND_ALLOW: allow }),
    };
    const names = () => createNames({ bounds: { ...nameBounds, limitMs: LIMIT_MS } });
    return createOutbound(loadSettings({ environment }), LIMIT_MS, names);
  };
  const told = {
    local: await askLocal(outbound('127.0.0.0/8')),
    refused: await askPrivate(outbound('')),
    besideSlow: await askBesideSlow(outbound('')),
    connected: [...new Set(connected)].sort(),
  };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  close(secure);
  await server.close();
  // Slow names may still be under way.
  process.exit(0);
}

async function ask(send: Outbound, host: string): Promise<string> {
  const answered = send({ url: `https://${host}/`, method: 'GET', selfRegistered: false });
  return answered.then(
    ({ body }) => body.toString(),
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

/** Names from /etc/hosts, from two search domains, and localhost. */
async function askLocal(send: Outbound): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const host of ['in-hosts', 'app', 'api.other.svc', 'localhost']) told[host] = await ask(send, host);
  return told;
}

async function askPrivate(send: Outbound): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  const hosts = ['private.example', 'half.example', 'mapped.example', 'in-hosts', 'localhost', 'app'];
  for (const host of hosts) told[host] = await ask(send, host);
  told['rebind.example, first'] = await ask(send, 'rebind.example');
  return told;
}

/** 100 names of 4 owners whose name server does not answer; then a name that resolves, and a file read by a libuv thread. */
async function askBesideSlow(send: Outbound): Promise<{ honest: string; file: boolean }> {
  for (let n = 0; n < 100; n += 1) void ask(send, `n${n}.slow${n % 4}.example`);
  const file = stat(directory).then(() => true);
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), LIMIT_MS));
  const honest = await ask(send, 'honest.example');
  return { honest, file: await Promise.race([file, late]) };
}

function close(server: Server): void {
  server.closeAllConnections();
  server.close();
}

await main();
