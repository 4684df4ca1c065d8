/** One client's program while it runs: an app on loopback, or an API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import type { Language } from './language.ts';
import type { ClientCredentials, Provider } from './provider.ts';

export interface App {
  readonly origin: string;
  /** The end of what it wrote. */
  said(): string;
  stop(): Promise<void>;
}

export interface Place {
  readonly origin: string;
  readonly port: number;
}

export async function newPlace(): Promise<Place> {
  const port = await freePort();
  return { port, origin: `http://localhost:${port}` };
}

/** A virtual machine on a busy computer takes its time. */
const START_SECONDS = 180;
const KEPT_CHARACTERS = 6000;

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach(killGroup));

export async function startApp(
  command: readonly string[],
  workshop: string,
  environment: Record<string, string>,
  { origin }: Place,
): Promise<App> {
  const [name = '', ...words] = command;
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...environment };
  // A process group of its own, since some programs are started by others.
  const child = spawn(name, words, { cwd: workshop, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-KEPT_CHARACTERS);
    });
  child.once('error', (error) => {
    said += error.message;
  });
  running.add(child);
  const app = { origin, said: () => said, stop: () => stop(child) };
  if (await answers(child, origin)) return app;
  await app.stop();
  throw new Error(`the program did not answer at ${origin}:\n${said}`);
}

export function variablesOf(
  provider: Provider,
  language: Language,
  client: ClientCredentials,
  { origin, port }: Place,
): Record<string, string> {
  return {
    ISSUER: provider.issuer,
    CLIENT_ID: client.client_id,
    CLIENT_SECRET: client.client_secret ?? '',
    ORIGIN: origin,
    PORT: String(port),
    CA_FILE: provider.authority.caFile,
    ...language.trust(provider.authority),
  };
}

async function answers(child: ChildProcess, origin: string): Promise<boolean> {
  const until = Date.now() + START_SECONDS * 1000;
  while (child.exitCode === null && child.pid !== undefined && Date.now() < until) {
    const answer = await fetch(origin, { redirect: 'manual' }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer) return true;
    await sleep(200);
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  killGroup(child);
  await ended;
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}
