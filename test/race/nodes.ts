/** Servers of the race: processes of their own over one database, with a person signed in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSettings } from '../../src/config/load-settings.ts';
import { openGatehouse } from '../../src/gatehouse.ts';
import { createUser } from '../../src/identity/users/users.ts';
import { createLog } from '../../src/lib/log.ts';
import { isRefusal } from '../../src/lib/outcome.ts';
import { createClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { authorize, CALLBACK } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { startPostgres } from '../support/postgres.ts';
import { grantTypes, PASSWORD, type TestServer } from '../support/server.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url));

export interface Nodes {
  readonly ports: readonly number[];
  readonly client_id: string;
  /** Of a person who is signed in and allowed the client. */
  readonly cookie: string;
  stop(): Promise<void>;
}

/** One process on a SQLite file. */
export async function startOnSqlite(): Promise<Nodes> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-race-'));
  const nodes = await startNodes(`sqlite:${join(directory, 'gatehouse.db')}`, 1);
  return {
    ...nodes,
    async stop() {
      await nodes.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** `count` processes over one PostgreSQL. */
export async function startOnPostgres(count: number): Promise<Nodes> {
  const postgres = await startPostgres();
  const nodes = await startNodes(postgres.url, count);
  return {
    ...nodes,
    async stop() {
      await nodes.stop();
      await postgres.stop();
    },
  };
}

async function startNodes(database: string, count: number): Promise<Nodes> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  const environment = {
    GATEHOUSE_ISSUER: `http://localhost:${ports[0]}`,
    GATEHOUSE_DATABASE: database,
    GATEHOUSE_MASTER_KEY: 'r'.repeat(44),
    GATEHOUSE_LOG_LEVEL: 'error',
  };
  const client = await setUp(environment);
  const children = ports.map((port) => startNode({ ...environment, GATEHOUSE_LISTEN: `127.0.0.1:${port}` }));
  await Promise.all(children.map(listening));
  const { agent } = await authorize({ issuer: environment.GATEHOUSE_ISSUER } as TestServer, client);
  return {
    ports,
    client_id: client.client_id,
    cookie: [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    stop: async () => void (await Promise.all(children.map(stopNode))),
  };
}

async function setUp(environment: Record<string, string>) {
  const gatehouse = await openGatehouse(loadSettings({ environment }), {
    log: createLog({ level: 'error' }, process.stdout),
  });
  const user = await createUser(gatehouse, { username: 'alice', claims: {}, password: PASSWORD });
  const metadata = { client_name: 'Race', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' };
  const created = await createClient(gatehouse, grantTypes, metadata);
  await gatehouse.close();
  if (isRefusal(user)) throw new Error(user.description);
  if (isRefusal(created)) throw new Error(created.description);
  return created.client;
}

function startNode(environment: Record<string, string>): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, ['--import', tsx, main, 'serve'], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function listening(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('a node could not start')));
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
}

async function stopNode(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
