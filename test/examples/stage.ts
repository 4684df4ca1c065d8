/** A Gatehouse and the examples beside it, for tutorials to be followed: on ports that are free here. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'yaml';
import { type Block, readBlocks, root } from '../documents/blocks.ts';
import { createTestClock } from '../support/clock.ts';
import { freePort } from '../support/free-port.ts';
import { program } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';

const pageOf = (name: string) => `docs/tutorials/${name}.md`;
const MASTER_KEY = 'k'.repeat(44);
/** Those that the pages name: Gatehouse, the gateway, the API, the apps. */
const PORTS = [4000, 8080, 8081, 3000, 3001] as const;
const HOUR_MS = 3_600_000;
const STARTS_WITHIN_MS = 60_000;

export type Port = (typeof PORTS)[number];

export interface Stage {
  readonly server: TestServer;
  /** Where the reader is: the folder with examples/ in it. */
  readonly directory: string;
  /** Of what listens on the port of the page. */
  origin(port: Port): string;
  /** Runs the page, every command of it; throws where one fails or prints something else than the page says. */
  follow(page: string): Promise<void>;
  /** Runs lines of sh as the reader would; gives what they print. */
  run(script: string): Promise<string>;
  /** What listens there, and what it wrote. */
  program(port: Port): Running;
  stop(): Promise<void>;
}

export interface Running {
  output(): string;
  /** Ends it, and waits until it is gone. */
  end(): Promise<void>;
  /** The same commands once more, in other surroundings. */
  again(environment?: Readonly<Record<string, string>>): Promise<void>;
}

interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** `environment` is for what stays running, by its port. */
export async function setStage(
  environment: Partial<Record<Port, Readonly<Record<string, string>>>> = {},
): Promise<Stage> {
  const ports = new Map<number, number>();
  for (const port of PORTS) ports.set(port, await freePort());
  const adapt = (text: string) =>
    text.replace(/\b\d{4}\b/g, (number) => String(ports.get(Number(number)) ?? number));
  const directory = copyExamples(adapt);
  // It was there before: tokens of an hour ago have a key.
  const clock = createTestClock();
  clock.advance(-HOUR_MS);
  const server = await startServer({
    clock,
    port: ports.get(4000) ?? 0,
    environment: { GATEHOUSE_MASTER_KEY: MASTER_KEY, GATEHOUSE_SCOPES: scopesOf('api') },
  });
  clock.advance(HOUR_MS);
  let isOpen = true;
  const stopServer = async () => {
    if (isOpen) await server.stop();
    isOpen = false;
  };
  const around = surroundings(server, directory);
  const running = new Map<number, Running>();

  async function runBlock({ name, text }: Block): Promise<string> {
    const port = PORTS.find((one) => name === `listens on ${one}`);
    if (port === undefined) return runScript(adapt(text), around);
    const own = { ...around, env: { ...around.env, ...environment[port] } };
    running.set(port, await start(adapt(text), own, ports.get(port) ?? 0));
    return '';
  }

  return {
    server: { ...server, stop: stopServer },
    directory,
    origin: (port) => `http://localhost:${ports.get(port)}`,
    run: (script) => runScript(adapt(script), around),
    program(port) {
      const found = running.get(port);
      if (!found) throw new Error(`nothing was started on ${port}`);
      return found;
    },
    async follow(page) {
      let printed = '';
      for (const block of readBlocks(pageOf(page))) {
        if (block.language === 'sh') printed = await runBlock(block);
        if (block.language === 'yaml') writeFileSync(join(directory, block.name), `${block.text}\n`);
        if (block.language === 'text' && printed !== `${adapt(block.text)}\n`)
          throw new Error(`${pageOf(page)}:${block.line} says\n${block.text}\nand it is\n${printed}`);
      }
    },
    async stop() {
      await Promise.all([...running.values()].map((one) => one.end()));
      await stopServer();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Its folder is open to nginx's workers, who are nobody where root starts them. */
function copyExamples(adapt: (text: string) => string): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-examples-'));
  chmodSync(directory, 0o755);
  cpSync(join(root, 'examples'), join(directory, 'examples'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const path of readdirSync(join(directory, 'examples'), { recursive: true, encoding: 'utf8' })) {
    const file = join(directory, 'examples', path);
    if (/\.\w+$/.test(path)) writeFileSync(file, adapt(readFileSync(file, 'utf8')));
  }
  return directory;
}

function scopesOf(page: string): string {
  const settings = readBlocks(pageOf(page)).find(({ name }) => name === 'gatehouse.yaml');
  return JSON.stringify(parse(settings?.text ?? '').scopes);
}

function surroundings({ issuer, directory }: TestServer, cwd: string): Surroundings {
  const { PATH = '', HOME = '' } = process.env;
  const database = `sqlite:${join(directory, 'gatehouse.db')}`;
  const own = { GATEHOUSE_ISSUER: issuer, GATEHOUSE_DATABASE: database, GATEHOUSE_MASTER_KEY: MASTER_KEY };
  return { cwd, env: { PATH, HOME, ...own } };
}

/** As npx does it in the folder of Gatehouse; here it would look for a package. */
const asTyped = (script: string) => ['-ec', `npx() { shift; node '${program}' "$@"; }\n${script}`];

function runScript(script: string, { cwd, env }: Surroundings): Promise<string> {
  const child = spawn('sh', asTyped(script), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = listenTo(child);
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      // A terminal shows no carriage return.
      if (code === 0) resolve(output.data().replaceAll('\r', ''));
      else reject(new Error(`${script}\nended with ${code}:\n${output.all()}`));
    });
  });
}

async function start(script: string, { cwd, env }: Surroundings, port: number): Promise<Running> {
  let own = env;
  let child: ChildProcess;
  let output: ReturnType<typeof listenTo>;
  const begin = async () => {
    // A group of its own: the shell and what it started end together.
    child = spawn('sh', asTyped(script), {
      cwd,
      env: own,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    output = listenTo(child);
    await untilListening(port, child, () => output.all());
  };
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    process.kill(-child.pid, 'SIGTERM');
    await gone;
  };
  await begin();
  return {
    output: () => output.all(),
    end,
    async again(more = {}) {
      await end();
      own = { ...env, ...more };
      await begin();
    },
  };
}

function listenTo(child: ChildProcess) {
  let [data, all] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    data += chunk;
    all += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    all += chunk;
  });
  return { data: () => data, all: () => all };
}

async function untilListening(port: number, child: ChildProcess, output: () => string): Promise<void> {
  const endsAt = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < endsAt && child.exitCode === null) {
    if (await isListening(port)) return;
    await wait(50);
  }
  throw new Error(`nothing listens on ${port} (exit code ${child.exitCode}):\n${output()}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('close', () => resolve(false)).once('connect', () => socket.destroy());
  });
}
