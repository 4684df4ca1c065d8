import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { program } from '../support/program.ts';
import { createUserAgent } from '../support/user-agent.ts';

const PASSWORD = 'correct horse battery staple';

let directory: string;
let issuer: string;
let environment: Record<string, string>;
let server: ChildProcess;

function gatehouse(...words: string[]): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...environment };
  return spawn(process.execPath, [program, ...words], { cwd: directory, env });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-hashing-'));
  const port = await freePort();
  issuer = `http://localhost:${port}`;
  environment = { GATEHOUSE_ISSUER: issuer, GATEHOUSE_LISTEN: `127.0.0.1:${port}` };
  server = gatehouse('serve');
  await once(server.stdout as NonNullable<typeof server.stdout>, 'data');
  const create = gatehouse('user', 'create', '--username', 'alice', '--password-stdin');
  create.stdin?.end(`${PASSWORD}\n`);
  await once(create, 'exit');
});
afterAll(() => {
  server.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function signIn(password: string): Promise<string> {
  const agent = createUserAgent(issuer);
  const page = await agent.submit(await agent.open(`${issuer}/login`), { username: 'alice', password });
  return new URL(page.url).pathname;
}

function childrenOf(pid: number | undefined): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

const isThere = (pid: number) => existsSync(`/proc/${pid}`);

describe.skipIf(process.platform !== 'linux')('the process that hashes passwords', () => {
  it('begins with the first password, and knows none of the secrets', async () => {
    expect(childrenOf(server.pid)).toEqual([]);
    expect(await signIn(PASSWORD)).toBe('/account');
    expect(await signIn('not the password, at all')).toBe('/login');
    const [child] = childrenOf(server.pid);
    expect(readFileSync(`/proc/${child}/environ`, 'utf8')).not.toContain('GATEHOUSE_');
    expect(readFileSync(`/proc/${child}/cmdline`, 'utf8')).not.toContain(PASSWORD);
  });

  it('is replaced when it ends unexpectedly, and users can still sign in', async () => {
    const [child] = childrenOf(server.pid);
    const signingIn = Promise.all([signIn(PASSWORD), signIn(PASSWORD)]);
    process.kill(child ?? 0, 'SIGKILL');
    expect(await signingIn).toEqual(['/account', '/account']);
    expect(await signIn(PASSWORD)).toBe('/account');
  });

  it('ends with its server, even where that is killed', async () => {
    const [child = 0] = childrenOf(server.pid);
    expect(isThere(child)).toBe(true);
    server.kill('SIGKILL');
    await once(server, 'exit');
    await expect.poll(() => isThere(child), { timeout: 5000 }).toBe(false);
  });
});
