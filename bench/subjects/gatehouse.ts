import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import type { UserAgent } from '../../test/support/user-agent.ts';
import { app, REDIRECT_URI, web } from '../clients.ts';
import { storeGrants } from '../stored-grants.ts';
import { type Paths, type Subject, startProcess, stopProcess } from '../subject.ts';
import { cookieAfterSignIn } from './sign-in.ts';

export const PASSWORD = 'correct horse battery staple';
/** How many values are prepared for each second (workloads.ts). */
const POSTGRES_REVOCATIONS = 4000;
const MANY = '1000000';
const PROGRAM = new URL('../../dist/main.js', import.meta.url).pathname;

const paths: Paths = {
  token: '/token',
  authorize: '/authorize',
  introspect: '/introspect',
  revoke: '/revoke',
  userinfo: '/userinfo',
  discovery: '/.well-known/openid-configuration',
};

export interface GatehouseOptions {
  /** A postgres:// URL instead of a SQLite file. */
  readonly database?: string;
  /** So many grants are in the database before the server starts. */
  readonly storedGrants?: number;
  /** Options for node, such as --cpu-prof. */
  readonly nodeOptions?: readonly string[];
  /** Further settings. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The built server as an operator runs it, set up through its own commands and pages. */
export async function startGatehouse(name: string, options: GatehouseOptions = {}): Promise<Subject> {
  const directory = mkdtempSync(join(tmpdir(), 'benchmark-'));
  const port = await freePort();
  const file = join(directory, 'gatehouse.db');
  const environment = {
    GATEHOUSE_ISSUER: `http://localhost:${port}`,
    GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
    GATEHOUSE_DATABASE: options.database ?? `sqlite:${file}`,
    GATEHOUSE_MASTER_KEY: 'a benchmark master key, which guards nothing at all',
    // One user has the sessions and grants of a whole installation here.
    GATEHOUSE_SESSIONS_PER_USER: MANY,
    GATEHOUSE_GRANTS_PER_USER_AND_CLIENT: MANY,
    // As in `npm start` and the image.
    MALLOC_ARENA_MAX: '1',
    ...options.environment,
  };
  setUp(directory, environment);
  if (options.storedGrants !== undefined) storeGrants(file, options.storedGrants);
  const child = await startProcess(
    process.execPath,
    [...(options.nodeOptions ?? []), PROGRAM, 'serve'],
    environment,
    /^Gatehouse serves/m,
  );
  const site = { origin: environment.GATEHOUSE_ISSUER, authorize: paths.authorize };
  const cookie = await cookieAfterSignIn(site, [app, web], passPages);
  return {
    name,
    port,
    pid: child.pid,
    paths,
    web,
    app,
    cookie,
    ...(options.database === undefined ? { file } : { revocationsPerSecond: POSTGRES_REVOCATIONS }),
    async stop() {
      await stopProcess(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function setUp(directory: string, environment: Record<string, string>): void {
  const run = (input: object | string, ...parameters: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...parameters], {
      cwd: directory,
      env: { ...process.env, ...environment },
      input: typeof input === 'string' ? input : JSON.stringify(input),
    });
    if (status !== 0) throw new Error(`gatehouse ${parameters.join(' ')}: ${stderr}`);
  };
  run(`${PASSWORD}\n`, 'user', 'create', '--username', 'alice', '--password-stdin');
  run(
    {
      ...web,
      client_name: 'Web',
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      scope: 'openid read',
      id_token_signed_response_alg: 'ES256',
    },
    ...['client', 'create', '--metadata', '-'],
  );
  run(
    {
      ...app,
      client_name: 'App',
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid',
      id_token_signed_response_alg: 'ES256',
    },
    ...['client', 'create', '--metadata', '-'],
  );
}

async function passPages(agent: UserAgent, url: string): Promise<void> {
  let page = await agent.open(url);
  if (page.body.includes('name="password"')) {
    page = await agent.submit(page, { username: 'alice', password: PASSWORD });
  }
  if (page.body.includes('id="allow"')) await agent.submit(page, { decision: 'allow' });
}
