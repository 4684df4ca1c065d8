/**
 * One person with 10,000 sessions and 10,000 grants, above the default caps: how long each of their pages takes, how long
 * each command works on the database, and how long the server's event loop is blocked meanwhile. past-apps.ts measures
 * a person with many apps.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadSettings } from '../src/config/load-settings.ts';
import { type Gatehouse, openGatehouse } from '../src/gatehouse.ts';
import { storePast } from '../test/support/past.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { createUserAgent, type UserAgent } from '../test/support/user-agent.ts';
import { app, REDIRECT_URI, web } from './clients.ts';
import { createLoop } from './loop.ts';
import { measureApps } from './past-apps.ts';
import { expectOk, measure, type PastFigure, type Run, runVerb, type Say } from './past-run.ts';
import { table } from './report.ts';
import { PASSWORD, startGatehouse } from './subjects/gatehouse.ts';

const SESSIONS = 10_000;
const GRANTS = 10_000;
const CAP = '20000';
const WANTED_MS = 100;
const WANTED_LOOP_MS = 20;
const AGAIN = 3;

/** On both engines. */
export async function measurePast(say: Say): Promise<PastFigure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'benchmark-past-'));
  const postgres = await startPostgres();
  try {
    const onFile = await measureOn(say, 'SQLite', `sqlite:${join(directory, 'gatehouse.db')}`);
    const onServer = await measureOn(say, 'PostgreSQL', postgres.url);
    return [...onFile, ...onServer];
  } finally {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

export function pastTable(figures: readonly PastFigure[]): string {
  return table(
    ['10,000 sessions and 10,000 grants of one person', 'engine', 'ms', 'wanted', 'event loop ms', 'wanted'],
    figures.map(({ work, engine, ms, loopMs }) => [
      ...[work, engine, ms.toFixed(1), `≤ ${WANTED_MS}`],
      ...[loopMs.toFixed(1), `≤ ${WANTED_LOOP_MS}`],
    ]),
  );
}

async function measureOn(say: Say, engine: string, database: string): Promise<PastFigure[]> {
  const environment = { GATEHOUSE_SESSIONS_PER_USER: CAP, GATEHOUSE_GRANTS_PER_USER_AND_CLIENT: CAP };
  const monitor = new URL('./servers/loop-monitor.mjs', import.meta.url).pathname;
  const file = join(tmpdir(), `loop-${randomBytes(8).toString('hex')}`);
  const server = await startGatehouse(engine, {
    database,
    environment: { ...environment, LOOP_MONITOR_FILE: file },
    nodeOptions: ['--import', monitor],
  });
  const gatehouse = await openBeside(server.port, database, environment);
  try {
    const loop = createLoop(server.pid, file);
    const run = { say, gatehouse, loop, engine, origin: `http://localhost:${server.port}` };
    return [...(await measurePages(run)), ...(await measureCommands(run)), ...(await measureApps(run))];
  } finally {
    await gatehouse.close();
    await server.stop();
    rmSync(file, { force: true });
  }
}

/** As a command opens it. */
function openBeside(port: number, database: string, more: Record<string, string>): Promise<Gatehouse> {
  const settings = loadSettings({
    environment: {
      GATEHOUSE_ISSUER: `http://localhost:${port}`,
      GATEHOUSE_DATABASE: database,
      GATEHOUSE_MASTER_KEY: 'a benchmark master key, which guards nothing at all',
      ...more,
    },
  });
  return openGatehouse(settings, { log: pino({ level: 'silent' }) });
}

/** The person, with their sessions and grants, and a browser in which they are signed in. */
async function newPerson({
  gatehouse,
  origin,
}: Run): Promise<{ sub: string; username: string; agent: UserAgent }> {
  const username = `past-${randomBytes(6).toString('hex')}`;
  const created = await runVerb(gatehouse, 'user', 'create', { username, password: PASSWORD });
  const { sub } = created as { sub: string };
  const clientIds = [web.client_id, app.client_id];
  await storePast(gatehouse, { sub, clientIds, sessions: SESSIONS, grants: GRANTS / clientIds.length });
  const agent = createUserAgent(origin);
  await agent.submit(await agent.open(`${origin}/login`), { username, password: PASSWORD });
  await agent.open(authorizationOf(origin));
  return { sub, username, agent };
}

/** A silent authorization (prompt=none), as a page in a frame sends every few minutes. */
function authorizationOf(origin: string): string {
  const code_challenge = randomBytes(32).toString('base64url');
  const parameters = {
    response_type: 'code',
    client_id: app.client_id,
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    prompt: 'none',
    code_challenge,
    code_challenge_method: 'S256',
  };
  return `${origin}/authorize?${new URLSearchParams(parameters)}`;
}

async function measurePages(run: Run): Promise<PastFigure[]> {
  const { origin } = run;
  const { agent } = await newPerson(run);
  const open = async (path: string) => expectOk(await agent.open(origin + path));
  const figures: PastFigure[] = [];
  for (const path of ['/account', '/account/sessions', '/account/apps', '/account/sign-out-everywhere']) {
    figures.push(await measure(run, `GET ${path}`, () => open(path), AGAIN));
  }
  const pages = [
    ['/account/apps', { client_id: app.client_id }],
    ['/account/sessions', { all: '1' }],
  ] as const;
  for (const [path, fields] of pages) {
    const page = await open(path);
    figures.push(
      await measure(run, `POST ${path}`, async () => expectOk(await agent.submit(page, fields)), 1),
    );
  }
  const other = (await newPerson(run)).agent;
  for (const path of ['/account/sign-out-everywhere']) {
    const page = expectOk(await other.open(origin + path));
    figures.push(await measure(run, `POST ${path}`, () => other.submit(page, {}), 1));
  }
  const third = (await newPerson(run)).agent;
  const page = await third.open(`${origin}/logout`);
  return [...figures, await measure(run, 'POST /logout', () => third.submit(page, {}), 1)];
}

const LISTS = ['grant list', 'session list', 'user get', 'user list', 'client list', 'audit-event list'];
const ENDS = ['grant revoke', 'session revoke', 'user disable', 'user set-password', 'user delete'];

async function measureCommands(run: Run): Promise<PastFigure[]> {
  const figures: PastFigure[] = [];
  const one = await newPerson(run);
  for (const words of LISTS) {
    figures.push(await measure(run, words, () => runWords(run.gatehouse, words, one.username), AGAIN));
  }
  for (const words of ENDS) {
    const { username } = await newPerson(run);
    figures.push(await measure(run, words, () => runWords(run.gatehouse, words, username), 1));
  }
  return figures;
}

function runWords(gatehouse: Gatehouse, words: string, user: string): Promise<unknown> {
  const [noun = '', verb = ''] = words.split(' ');
  return runVerb(gatehouse, noun, verb, { user, client: app.client_id, password: 'another long passphrase' });
}
