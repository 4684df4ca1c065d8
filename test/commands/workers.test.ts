/** serve --workers, as an operator runs it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mergeMetrics } from '../../src/commands/server/merge-worker-metrics.ts';
import {
  authorize,
  basic,
  confidentialClient,
  publicClient,
  type Registered,
  redeem,
  refresh,
} from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { program as main } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MASTER_KEY = 'k'.repeat(44);

interface Program {
  readonly child: ChildProcess;
  /** Everything it wrote so far. */
  out(): string;
  err(): string;
  /** The processes that answered requests, from the log. */
  workers(): Set<number>;
}

function start(words: readonly string[], environment: Record<string, string>): Program {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH, HOME, GATEHOUSE_MASTER_KEY: MASTER_KEY, ...environment },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return {
    child,
    out: () => out,
    err: () => err,
    workers: () =>
      new Set([...err.matchAll(/"worker":(\d{2,}).*"request"/g)].map((match) => Number(match[1]))),
  };
}

const exited = async (program: Program): Promise<number | null> =>
  program.child.exitCode ?? ((await once(program.child, 'exit'))[0] as number | null);

let postgres: TestPostgres;
/** A node of its own beside the workers, through which users and clients are made. */
let node: TestServer;
let program: Program;
/** As {@link node}, at the workers' address. */
let server: TestServer;
let spa: Registered;
let machine: Registered;

beforeAll(async () => {
  postgres = await startPostgres();
  const database = { GATEHOUSE_DATABASE: postgres.url };
  node = await startServer({ environment: { ...database, GATEHOUSE_MASTER_KEY: MASTER_KEY } });
  await node.user();
  spa = await publicClient(node);
  machine = await confidentialClient(node, {
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  });
  const port = await freePort();
  server = { ...node, issuer: `http://localhost:${port}` };
  program = start(['serve', '--workers', '2'], {
    ...database,
    GATEHOUSE_ISSUER: server.issuer,
    GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
  });
  await vi.waitUntil(() => program.out().includes('Gatehouse serves'), { timeout: 20_000 });
});
afterAll(async () => {
  program.child.kill('SIGKILL');
  await node.stop();
  await postgres.stop();
});

describe('serve --workers', () => {
  it('is refused on SQLite, with the reason and what to do', async () => {
    const refused = start(['serve', '--workers', '2'], { GATEHOUSE_DATABASE: 'sqlite:/nowhere/x.db' });
    expect(await exited(refused)).toBe(1);
    expect(refused.err()).toMatch(/--workers needs PostgreSQL: .* slower[\s\S]*postgres:\/\//);
    const wrong = start(['serve', '--workers', 'all'], {});
    expect(await exited(wrong)).toBe(2);
  });

  it('a start that the database refuses ends with a sentence, with one process and with two', async () => {
    const wrong = {
      GATEHOUSE_DATABASE: postgres.url.replace(/:[^:@/]+@/, ':not-the-password@'),
      GATEHOUSE_LISTEN: `127.0.0.1:${await freePort()}`,
    };
    for (const words of [['serve'], ['serve', '--workers', '2'], ['user', 'list']]) {
      const refused = start(words, wrong);
      expect(await exited(refused)).toBe(1);
      expect(refused.err()).toMatch(
        /^the database at 127\.0\.0\.1:\d+ refuses \(28P01, .*\); look at the user/,
      );
    }
    const missing = { GATEHOUSE_DATABASE: postgres.url.replace(/\/[^/]*$/, '/nothing') };
    const refused = start(['serve'], missing);
    expect(await exited(refused)).toBe(1);
    expect(refused.err()).toContain('database "nothing" does not exist');
  });

  it('prints its start message once, and a code flow works whichever worker answers', async () => {
    expect(program.out().match(/Gatehouse serves/g)).toHaveLength(1);
    const { body } = await redeem(server, spa, await authorize(server, spa.client));
    expect((await refresh(server, spa, body.refresh_token)).status).toBe(200);
  });

  it('of 20 parallel requests to both workers one redeems the code, and 20 refreshes make one successor', async () => {
    const authorized = await authorize(server, spa.client);
    const hands = Array.from({ length: 20 });
    const answers = await Promise.all(hands.map(() => redeem(server, spa, authorized)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const { body } = await redeem(server, spa, await authorize(server, spa.client));
    const uses = await Promise.all(hands.map(() => refresh(server, spa, body.refresh_token)));
    expect(new Set(uses.map((answer) => answer.body.refresh_token)).size).toBe(1);
    await vi.waitUntil(() => program.workers().size === 2);
  });

  it('/metrics has what every worker counted, whichever is asked', async () => {
    for (let scrape = 0; scrape < 4; scrape += 1) {
      const text = await (await fetch(`${server.issuer}/metrics`)).text();
      for (const worker of [1, 2])
        expect(text).toContain(`gatehouse_process_cpu_user_seconds_total{worker="${worker}"}`);
      expect(text.match(/# TYPE gatehouse_request_duration_seconds /g)).toHaveLength(1);
    }
  });

  it('a worker that is killed is replaced, and the others go on', async () => {
    const [victim = 0] = program.workers();
    process.kill(victim, 'SIGKILL');
    await vi.waitUntil(() => program.err().includes('another takes its place'), { timeout: 5000 });
    expect((await fetch(`${server.issuer}/health/ready`)).status).toBe(200);
    const isReplaced = async () => {
      await Promise.all(Array.from({ length: 6 }, () => ask(undefined)));
      return [...program.workers()].filter((worker) => worker !== victim).length === 2;
    };
    await vi.waitUntil(isReplaced, { timeout: 10_000, interval: 100 });
  });

  it('SIGTERM under load: every request that was accepted is answered, and the exit code is 0', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const seen: Asked[] = [];
    let isRefused = false;
    // Every fourth connects anew for each request, as a proxy may.
    const hands = Array.from({ length: 32 }, async (_, hand) => {
      while (!isRefused) {
        const asked = await ask(hand % 4 === 0 ? undefined : agent);
        seen.push(asked);
        isRefused ||= asked.failure === 'ECONNREFUSED';
      }
    });
    await vi.waitUntil(() => seen.length > 200, { timeout: 10_000 });
    program.child.kill('SIGTERM');
    expect(await exited(program)).toBe(0);
    await Promise.all(hands);
    agent.destroy();
    // Refused is not accepted: the client asks another node.
    const failures = seen.flatMap(({ failure }) => failure ?? []);
    expect(failures.filter((failure) => failure !== 'ECONNREFUSED')).toEqual([]);
    expect(new Set(seen.flatMap((asked) => asked.status ?? []))).toEqual(new Set([200]));
  });
});

interface Asked {
  readonly status?: number;
  readonly failure?: string;
}

function ask(agent: Agent | undefined): Promise<Asked> {
  return new Promise((resolve) => {
    const { client, client_secret = '' } = machine;
    const headers = {
      authorization: basic(client.client_id, client_secret),
      'content-type': 'application/x-www-form-urlencoded',
    };
    const sent = request(`${server.issuer}/token`, { method: 'POST', headers, agent: agent ?? false });
    sent.once('response', (response: IncomingMessage) => {
      response.resume().once('end', () => resolve({ status: response.statusCode ?? 0 }));
    });
    sent.once('error', (error: NodeJS.ErrnoException) => resolve({ failure: error.code ?? error.message }));
    sent.end('grant_type=client_credentials');
  });
}

it('connections beyond max_connections of every worker are reset, and not kept for a place', async () => {
  const port = await freePort();
  const full = start(['serve', '--workers', '2'], {
    GATEHOUSE_DATABASE: postgres.url,
    GATEHOUSE_ISSUER: `http://localhost:${port}`,
    GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
    GATEHOUSE_MAX_CONNECTIONS: '16',
    GATEHOUSE_MAX_CONNECTIONS_PER_ADDRESS: '16',
  });
  await vi.waitUntil(() => full.out().includes('Gatehouse serves'), { timeout: 20_000 });
  const endings = Array.from({ length: 80 }, (_, index) => silent(port, `127.0.0.${20 + (index % 20)}`));
  const codes = await Promise.all(endings);
  full.child.kill('SIGTERM');
  expect(await exited(full)).toBe(0);
  expect(codes).toContain('ECONNRESET');
  expect(full.err()).toContain('"setting":"max_connections"');
});

describe('SIGTERM to every process, and once more, as systemd and supervisors send it', () => {
  it.each([['serve'], ['serve --workers 2']])(
    '%s: what is under way is answered, and the exit code is 0',
    async (words) => {
      const port = await freePort();
      const stopped = start(words.split(' '), {
        GATEHOUSE_DATABASE: postgres.url,
        GATEHOUSE_ISSUER: `http://localhost:${port}`,
        GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
      });
      await vi.waitUntil(() => stopped.out().includes('Gatehouse serves'), { timeout: 20_000 });
      const underWay = await Promise.all(Array.from({ length: 8 }, () => halfSent(port)));
      const processes = groupOf(stopped);
      const signalAll = () => {
        for (const pid of processes) process.kill(pid, 'SIGTERM');
      };
      signalAll();
      await vi.waitUntil(() => stopped.err().match(/"stopping: /g)?.length === processes.length);
      signalAll();
      expect(await Promise.all(underWay.map((finish) => finish()))).toEqual(Array(8).fill('HTTP/1.1 200 OK'));
      expect(await exited(stopped)).toBe(0);
    },
    60_000,
  );
});

/** The process and those that it started, the workers. */
function groupOf({ child: { pid = 0 } }: Program): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return [pid, ...stdout.split('\n').filter(Boolean).map(Number)];
}

/** A request that is under way until `finish`, which gives the first line of the answer. */
async function halfSent(port: number): Promise<() => Promise<string>> {
  const { client, client_secret = '' } = machine;
  const body = 'grant_type=client_credentials';
  const head = [
    'POST /token HTTP/1.1',
    `Host: localhost:${port}`,
    `Authorization: ${basic(client.client_id, client_secret)}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
  ];
  const socket = connect({ port, host: '127.0.0.1' });
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  const ended = once(socket, 'close').catch(() => {});
  await once(socket, 'connect');
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 5)}`);
  return async () => {
    socket.write(body.slice(5));
    await ended;
    return answer.split('\r\n')[0] ?? '';
  };
}

/** Says nothing; how the connection ends. */
function silent(port: number, localAddress: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.resume().once('end', () => resolve('end'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}

describe('the metrics of several workers', () => {
  it('are one text: each family once, each sample with its worker', () => {
    const one =
      '# HELP a_total As\n# TYPE a_total counter\na_total 1\n\n# HELP b Bs\n# TYPE b gauge\nb{c="}d "} 2\n';
    const other = '# HELP a_total As\n# TYPE a_total counter\na_total 3\n';
    expect(
      mergeMetrics(
        new Map([
          [2, other],
          [1, one],
        ]),
      ),
    ).toBe(
      '# HELP a_total As\n# TYPE a_total counter\na_total{worker="1"} 1\na_total{worker="2"} 3\n\n' +
        '# HELP b Bs\n# TYPE b gauge\nb{worker="1",c="}d "} 2\n',
    );
  });
});
