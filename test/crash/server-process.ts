/** The built server as a process that can be killed, over one data directory that outlives it. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const READY_WAIT_MS = 30_000;

export interface Gatehouse {
  readonly directory: string;
  readonly program: string;
  readonly origin: string;
  readonly environment: Record<string, string>;
}

/** A directory of its own with a copy of what `npm run build` makes. `more` are further GATEHOUSE_… variables. */
export async function newHouse(more: Record<string, string> = {}): Promise<Gatehouse> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'));
  const copy = join(directory, 'program');
  mkdirSync(copy);
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [
    '-p',
    join(ROOT, 'tsconfig.build.json'),
    '--outDir',
    join(copy, 'dist'),
  ]);
  for (const name of ['migrations', 'views', 'templates', 'package.json'])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  return {
    directory,
    program: join(copy, 'dist/main.js'),
    origin,
    environment: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      // As `npm start` and the image set it.
      MALLOC_ARENA_MAX: '1',
      GATEHOUSE_ISSUER: origin,
      GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
      GATEHOUSE_DATABASE: `sqlite:${join(directory, 'data', 'gatehouse.db')}`,
      GATEHOUSE_MASTER_KEY: 'a master key for tests that guards nothing at all',
      GATEHOUSE_LOG_LEVEL: 'warn',
      GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1',
      GATEHOUSE_ACCESS_TOKEN_SECONDS: '7200',
      GATEHOUSE_REFRESH_TOKEN_GRACE_SECONDS: '30',
      // What a person's own cap ends would look like what was lost.
      GATEHOUSE_SESSIONS_PER_USER: '100000',
      GATEHOUSE_GRANTS_PER_USER_AND_CLIENT: '100000',
      ...more,
    },
  };
}

export function removeHouse(gatehouse: Gatehouse): void {
  rmSync(gatehouse.directory, { recursive: true, force: true });
}

/** Runs a command beside the server; gives its JSON. Throws with what it wrote on failure. */
export function command(gatehouse: Gatehouse, words: readonly string[], input = ''): unknown {
  const { status, stdout, stderr } = runCommand(gatehouse, [...words, '--json'], input);
  if (status !== 0) throw new Error(`gatehouse ${words.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}

export function runCommand(
  gatehouse: Gatehouse,
  words: readonly string[],
  input = '',
  nodeOptions: readonly string[] = [],
) {
  return spawnSync(process.execPath, [...nodeOptions, gatehouse.program, ...words], {
    cwd: gatehouse.directory,
    env: gatehouse.environment,
    input,
    encoding: 'utf8',
  });
}

export interface Running {
  readonly child: ChildProcess;
  /** From the start of the process to the first readiness. */
  readonly readyAfterMs: number;
  /** What it wrote. */
  output(): string;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves when it ends by itself. */
  readonly gone: Promise<void>;
}

/** A test that fails must not leave its server behind. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts the server and waits until it is ready, or gone; `isReady` asks it where fetch cannot. */
export async function startServer(
  gatehouse: Gatehouse,
  nodeOptions: readonly string[] = [],
  isReady = async () => (await fetch(`${gatehouse.origin}/health/ready`)).status === 200,
): Promise<Running> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, gatehouse.program, 'serve'], {
    cwd: gatehouse.directory,
    env: gatehouse.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-100_000);
  });
  alive.add(child);
  const gone = once(child, 'exit').then(() => void alive.delete(child));
  await Promise.race([gone, untilReady(isReady, startMs)]);
  return {
    child,
    readyAfterMs: performance.now() - startMs,
    output: () => output,
    gone,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function untilReady(isReady: () => Promise<boolean>, startMs: number): Promise<void> {
  while (performance.now() - startMs < READY_WAIT_MS) {
    try {
      if (await isReady()) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the server is not ready after 30 s');
}
