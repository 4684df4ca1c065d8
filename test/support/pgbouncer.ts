/** Debian's PgBouncer in transaction mode before our own PostgreSQL, with fewer connections than clients. */
import { spawn } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { startPostgres } from './postgres.ts';

const PROGRAM = '/usr/sbin/pgbouncer';
/** Connections to the server: a client may get a different one for each transaction. */
const SERVER_CONNECTIONS = 4;
const START_MS = 10_000;
const LOOK_EVERY_MS = 20;

export interface Pooled {
  /** The URL of the pooler, with the setting that it needs. */
  readonly url: string;
  /** The URL that bypasses the pooler. */
  readonly directUrl: string;
  stop(): Promise<void>;
}

/** Where it is missing, a message is printed and its tests are skipped. */
export const hasPgBouncer = isThere();

function isThere(): boolean {
  try {
    accessSync(PROGRAM, constants.X_OK);
    return true;
  } catch {
    process.stderr.write(
      `PgBouncer is not tested here: there is no ${PROGRAM} (apt-get install pgbouncer)\n`,
    );
    return false;
  }
}

/** Starts it with its own PostgreSQL. */
export async function startBehindPgBouncer(): Promise<Pooled> {
  const postgres = await startPostgres();
  const pooler = await startPgBouncer(postgres.url);
  return {
    url: pooler.url,
    directUrl: postgres.url,
    async stop() {
      await pooler.stop();
      await postgres.stop();
    },
  };
}

/** `more` are lines of its configuration. */
export async function startPgBouncer(databaseUrl: string, more = ''): Promise<Omit<Pooled, 'directUrl'>> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-pgbouncer-'));
  const port = await freePort();
  const file = join(directory, 'pgbouncer.ini');
  writeFileSync(file, configuration(new URL(databaseUrl), port) + more);
  // It refuses to run as root, so it runs as an unprivileged user.
  chmodSync(directory, 0o755);
  const words = process.getuid?.() === 0 ? ['--quiet', '--user=nobody', file] : ['--quiet', file];
  const pooler = spawn(PROGRAM, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  pooler.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise((resolve) => pooler.once('close', resolve));
  if (!(await isListening(port))) throw new Error(`PgBouncer does not start: ${said}`);
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  url.searchParams.set('pool_mode', 'transaction');
  return {
    url: url.href,
    async stop() {
      pooler.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function configuration({ hostname, port, pathname, username, password }: URL, listenPort: number): string {
  const database = `host=${hostname} port=${port} dbname=${pathname.slice(1)}`;
  const user = `user=${decodeURIComponent(username)} password=${decodeURIComponent(password)}`;
  return `[databases]
${pathname.slice(1)} = ${database} ${user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${SERVER_CONNECTIONS}
max_client_conn = 500
`;
}

async function isListening(port: number): Promise<boolean> {
  for (const endMs = performance.now() + START_MS; performance.now() < endMs; ) {
    if (await answers(port)) return true;
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
  return false;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
