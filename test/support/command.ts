/** Runs the command line as an operator does: in its own process, in a folder of the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from './free-port.ts';
import { program } from './program.ts';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  /** A line of sh around the command, which is "$@". */
  readonly shell?: string;
  /** Sees the process while it runs. */
  readonly whileRunning?: (child: ChildProcess) => void;
}

export async function runCommand(
  directory: string,
  database: string,
  words: readonly string[],
  { shell = 'exec "$@"', whileRunning = () => {} }: Surroundings = {},
): Promise<Ran> {
  // A server that listens on Gatehouse's default port must not take part in a test.
  const GATEHOUSE_LISTEN = `127.0.0.1:${await freePort()}`;
  const { PATH = '', HOME = '' } = process.env;
  const GATEHOUSE_MASTER_KEY = 'k'.repeat(44);
  const own = { GATEHOUSE_DATABASE: database, GATEHOUSE_MASTER_KEY, GATEHOUSE_LISTEN };
  const command = [process.execPath, program, ...words];
  const child = spawn('sh', ['-c', shell, 'sh', ...command], {
    cwd: directory,
    env: { PATH, HOME, TMPDIR: directory, ...own },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  whileRunning(child);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}
