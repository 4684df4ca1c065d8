/**
 * npm run conformance:serve: Gatehouse as the OpenID Foundation's plans need it. Host, port and alice's password come
 * from the environment; every GATEHOUSE_… variable that is set there wins.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alice } from './alice.ts';
import { newCertificate } from './certificate.ts';
import { conformanceEnvironment } from './environment.ts';

const HELP = `Set these, then run npm run conformance:serve again:
  CONFORMANCE_PASSWORD  alice's password (15 characters or more)
  CONFORMANCE_HOST      the host name in the issuer (localhost)
  CONFORMANCE_PORT      the port (8443)
  CONFORMANCE_DATA      a directory to keep the database, keys and certificate in (a new one)
  CONFORMANCE_CERT, CONFORMANCE_KEY  PEM files (a self-signed certificate is made)
`;
const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const { CONFORMANCE_PASSWORD: password, CONFORMANCE_HOST: host = 'localhost' } = process.env;
const port = Number(process.env.CONFORMANCE_PORT ?? 8443);
if (password === undefined || !Number.isInteger(port)) {
  process.stderr.write(HELP);
  process.exit(2);
}

const directory = resolve(
  process.env.CONFORMANCE_DATA ?? mkdtempSync(join(tmpdir(), 'gatehouse-conformance-')),
);
mkdirSync(directory, { recursive: true });
chmodSync(directory, 0o700);
const { certFile, keyFile } = await certificateFiles();
const environment = {
  ...conformanceEnvironment({
    host,
    port,
    address: '0.0.0.0',
    directory,
    certFile,
    keyFile,
    masterKey: masterKey(),
  }),
  ...ownVariables(),
};
createAlice(password);
await serve();

async function certificateFiles(): Promise<{ certFile: string; keyFile: string }> {
  const { CONFORMANCE_CERT: certFile, CONFORMANCE_KEY: keyFile } = process.env;
  if (certFile !== undefined && keyFile !== undefined)
    return { certFile: resolve(certFile), keyFile: resolve(keyFile) };
  const made = { certFile: join(directory, 'cert.pem'), keyFile: join(directory, 'key.pem') };
  return existsSync(made.certFile) ? made : newCertificate(directory, host);
}

/** Kept beside the database, so that a second start opens the first one's keys. */
function masterKey(): string {
  const file = join(directory, 'master.key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(36).toString('base64'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

function ownVariables(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('GATEHOUSE_')));
}

function run(words: readonly string[], input = '') {
  const env = { ...process.env, ...environment };
  return spawnSync(process.execPath, [PROGRAM, ...words], { cwd: directory, env, input, encoding: 'utf8' });
}

function createAlice(text: string): void {
  if (run(['user', 'get', alice.username]).status === 0) return;
  const claims = join(directory, 'alice.json');
  writeFileSync(claims, JSON.stringify(alice.claims));
  const words = ['user', 'create', '--username', alice.username, '--email', alice.email, '--claims', claims];
  const { status, stderr } = run([...words, '--password-stdin'], `${text}\n`);
  if (status === 0) return;
  process.stderr.write(stderr);
  process.exit(status ?? 1);
}

async function serve(): Promise<void> {
  const env = { ...process.env, ...environment };
  const server = spawn(process.execPath, [PROGRAM, 'serve'], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => server.kill(signal));
  server.once('exit', (code) => process.exit(code ?? 1));
  // What it greets with, it says when it answers.
  await once(server.stdout, 'data');
  server.stdout.resume();
  const issuer = environment.GATEHOUSE_ISSUER;
  process.stdout.write(`Discovery: ${issuer}/.well-known/openid-configuration
User: ${alice.username}, with the password from CONFORMANCE_PASSWORD
Certificate to trust: ${certFile}
Rotate the signing keys: ${commandLine(['keys', 'rotate', '--now'])}
`);
}

/** The master key is named by its file, so that no secret is on the screen. */
function commandLine(words: readonly string[]): string {
  const { GATEHOUSE_ISSUER, GATEHOUSE_DATABASE, GATEHOUSE_TLS_CERT, GATEHOUSE_TLS_KEY } = environment;
  const variables = { GATEHOUSE_ISSUER, GATEHOUSE_DATABASE, GATEHOUSE_TLS_CERT, GATEHOUSE_TLS_KEY };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [
    ...assignments,
    `GATEHOUSE_MASTER_KEY_FILE=${join(directory, 'master.key')}`,
    'npx gatehouse',
    ...words,
  ].join(' ');
}
