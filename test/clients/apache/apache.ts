/** An apache2 on loopback with a configuration and a directory of its own; the system's service is never touched. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import type { ApacheFiles } from './packages.ts';

const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'auth_openidc'];
const STEP_MS = 20;
const PATIENCE_MS = 10_000;

export interface Apache {
  readonly origin: string;
  /** What it wrote into its error log. */
  log(): string;
  stop(): Promise<void>;
}

/** `configure` gives what stands below its own configuration. */
export async function startApache(
  { binary, modules, libraries }: ApacheFiles,
  directory: string,
  configure: (origin: string) => Promise<string>,
): Promise<Apache> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const place = join(directory, 'apache');
  mkdirSync(place);
  const file = join(place, 'apache.conf');
  const own = ownConfiguration(place, modules, port);
  writeFileSync(file, `${own}\n${await configure(origin)}\n`, { mode: 0o600 });
  const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(':') };
  const child = spawn(binary, ['-d', place, '-f', file, '-DFOREGROUND'], { env, stdio: 'ignore' });
  const log = () => readFileSync(join(place, 'error.log'), 'utf8');
  await untilItAnswers(origin, child).catch((error) => {
    throw new Error(`apache2 did not start: ${error}\n${log()}`);
  });
  return { origin, log, stop: () => stop(child) };
}

function ownConfiguration(place: string, modules: string, port: number): string {
  const documents = join(place, 'documents');
  mkdirSync(documents);
  for (const name of ['index', 'app', 'always']) writeFileSync(join(documents, name), `the ${name} page`);
  // Its processes are somebody else's where root starts it, and read these.
  for (const open of [join(place, '..'), place, documents]) chmodSync(open, 0o755);
  return [
    ...MODULES.map((name) => `LoadModule ${name}_module ${join(modules, `mod_${name}.so`)}`),
    ...(process.getuid?.() === 0 ? ['User nobody', 'Group nogroup'] : []),
    `Listen 127.0.0.1:${port}`,
    'ServerName localhost',
    `PidFile ${join(place, 'apache.pid')}`,
    `ErrorLog ${join(place, 'error.log')}`,
    `DefaultRuntimeDir ${place}`,
    `DocumentRoot ${documents}`,
  ].join('\n');
}

async function untilItAnswers(origin: string, child: ChildProcess): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const answer = await fetch(`${origin}/index`).catch(() => undefined);
    if (answer) return;
    await new Promise((done) => setTimeout(done, STEP_MS));
  }
  throw new Error(`it did not answer within ${PATIENCE_MS / 1000} s`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
