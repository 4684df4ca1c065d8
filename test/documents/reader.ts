/** A folder like a reader's: the command, by npx too, a server that runs, and a shell that types what a document says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { root } from './blocks.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface ReadersHouse {
  readonly issuer: string;
  readonly directory: string;
  /** Types the text into a shell that stops at what fails. */
  type(text: string, more?: { readonly input?: string; readonly env?: Record<string, string> }): Promise<Ran>;
  /** The same, while it runs. */
  begin(text: string): ChildProcess;
  /** Does it with the server stopped, and starts it again. */
  whileStopped<T>(act: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export async function openReadersHouse(): Promise<ReadersHouse> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-reader-'));
  const bin = join(directory, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  const program = join(root, 'dist', 'main.js');
  writeFileSync(join(bin, 'gatehouse'), `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, {
    mode: 0o755,
  });
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const env = {
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    HOME: directory,
    GATEHOUSE_ISSUER: issuer,
    GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
    GATEHOUSE_REGISTRATION: 'token',
  };
  const begin = (text: string, own: Record<string, string> = {}) =>
    spawn('bash', ['--norc', '-euo', 'pipefail', '-c', text], { cwd: directory, env: { ...env, ...own } });
  const serve = async () => {
    const server = spawn(process.execPath, [program, 'serve'], { cwd: directory, env });
    await Promise.race([once(server.stdout, 'data'), once(server, 'exit').then(couldNotStart)]);
    return server;
  };
  const end = async (child: ChildProcess) => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  };
  let server = await serve();
  return {
    issuer,
    directory,
    begin,
    async type(text, { input = '', env: own = {} } = {}) {
      const child = begin(text, own);
      child.stdin.end(input);
      return finished(child);
    },
    async whileStopped(act) {
      await end(server);
      const result = await act();
      server = await serve();
      return result;
    },
    async stop() {
      await end(server);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function finished(child: ChildProcess): Promise<Ran> {
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    texts.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    texts.err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...texts };
}

function couldNotStart(): never {
  throw new Error('the server of a document could not start');
}
