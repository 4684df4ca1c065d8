/** Gatehouse as an operator runs it: the built program on an https issuer, everything else by its commands. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureSend, type SecureSend } from '../../conformance/https.ts';
import { freePort } from '../../support/free-port.ts';
import { program } from '../../support/program.ts';
import { PASSWORD } from '../../support/server.ts';
import { type Authority, newAuthority } from './authority.ts';
import { HOST } from './host.ts';

export interface ClientCredentials {
  readonly client_id: string;
  readonly client_secret?: string;
}

export interface AuditEvent {
  readonly type: string;
  readonly details?: Record<string, unknown>;
}

export interface Provider {
  readonly issuer: string;
  readonly authority: Authority;
  readonly send: SecureSend;
  createClient(metadata: Record<string, unknown>): Promise<ClientCredentials>;
  eventsOf(client_id: string): Promise<AuditEvent[]>;
  /** The warnings and refusals that it logged since the last look. */
  complaints(): string[];
  stop(): Promise<void>;
}

/** What the run's one person is known by. */
export const alice = { username: 'alice', email: 'alice@example.com', name: 'Alice Adler' } as const;

export async function startProvider(): Promise<Provider> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-clients-'));
  const authority = await newAuthority(directory, HOST);
  const port = await freePort();
  const issuer = `https://${HOST}:${port}`;
  const environment = {
    ...variablesOf(directory, authority),
    GATEHOUSE_ISSUER: issuer,
    GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
  };
  const run = (words: readonly string[], input = '') => runJson(directory, environment, words, input);
  const server = spawn(process.execPath, [program, 'serve'], { cwd: directory, env: environment });
  process.once('exit', () => server.kill('SIGKILL'));
  const lines = linesOf(server);
  await Promise.race([once(server.stdout, 'data'), failure(server, lines)]);
  await createAlice(directory, run);
  return {
    issuer,
    authority,
    send: createSecureSend(authority.ca),
    createClient: (metadata) =>
      run(['client', 'create', '--metadata', '-'], JSON.stringify(metadata)) as Promise<ClientCredentials>,
    eventsOf: (client_id) =>
      run(['audit-event', 'list', '--client', client_id, '--limit', '1000']) as Promise<AuditEvent[]>,
    complaints: () => lines.splice(0).filter(isComplaint),
    async stop() {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function createAlice(
  directory: string,
  run: (words: readonly string[], input: string) => Promise<unknown>,
): Promise<void> {
  const claims = join(directory, 'alice.json');
  writeFileSync(claims, JSON.stringify({ name: alice.name }));
  const who = ['--username', alice.username, '--email', alice.email, '--claims', claims];
  await run(['user', 'create', ...who, '--password-stdin'], `${PASSWORD}\n`);
}

function variablesOf(directory: string, authority: Authority): Record<string, string> {
  const { PATH = '' } = process.env;
  return {
    PATH,
    GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}`,
    GATEHOUSE_TLS_CERT: authority.certFile,
    GATEHOUSE_TLS_KEY: authority.keyFile,
    GATEHOUSE_MASTER_KEY: 'a master key for this run alone, of 32 characters',
    GATEHOUSE_REGISTRATION: 'open',
    GATEHOUSE_SCOPES: JSON.stringify({
      'mcp:tools': { sentence: 'Use your tools', self_registration: true },
    }),
    // So that a failing client is told apart by what the server noticed.
    GATEHOUSE_LOG_LEVEL: 'info',
  };
}

function linesOf(server: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', (chunk) => lines.push(...String(chunk).split('\n').filter(Boolean)));
  return lines;
}

async function failure(server: ChildProcess, lines: readonly string[]): Promise<never> {
  await once(server, 'exit');
  throw new Error(`the server did not start:\n${lines.join('\n')}`);
}

function isComplaint(line: string): boolean {
  return /"reason":|"level":(40|50|60)|"level":"(warn|error|fatal)"/.test(line);
}

function runJson(cwd: string, env: Record<string, string>, words: readonly string[], input: string) {
  const child = spawn(process.execPath, [program, ...words, '--json'], { cwd, env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdin.end(input);
  return new Promise<unknown>((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(out === '' ? undefined : JSON.parse(out));
      else reject(new Error(`gatehouse ${words.join(' ')} ended with ${code}: ${err}`));
    });
  });
}
