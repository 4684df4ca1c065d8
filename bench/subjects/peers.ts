import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { app, web } from '../clients.ts';
import { type Paths, type Subject, startProcess, stopProcess } from '../subject.ts';
import { cookieAfterSignIn } from './sign-in.ts';

const paths: Paths = {
  token: '/token',
  authorize: '/auth',
  introspect: '/token/introspection',
  revoke: '/token/revocation',
  userinfo: '/me',
  discovery: '/.well-known/openid-configuration',
};

/** oidc-provider over better-sqlite3 at synchronous=FULL. */
export async function startOidcProvider(): Promise<Subject> {
  const subject = await startScript('oidc-provider', 'oidc-provider.ts');
  const newSession = () => signIn(subject.port, [web]);
  return { ...subject, newSession, revocationsPerSecond: 1500 };
}

/** The least that could do the same work on the same libraries, and publish the same document. */
export async function startCeiling(gatehouse: Subject): Promise<Subject> {
  const document = await fetch(`http://localhost:${gatehouse.port}${gatehouse.paths.discovery}`);
  return startScript('ceiling', 'ceiling.ts', { DISCOVERY_DOCUMENT: await document.text() });
}

async function startScript(
  name: string,
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Subject> {
  const directory = mkdtempSync(join(tmpdir(), 'benchmark-'));
  const port = await freePort();
  const file = join(directory, 'peer.db');
  const program = new URL(`../servers/${script}`, import.meta.url).pathname;
  const child = await startProcess(
    process.execPath,
    ['--import', 'tsx', program],
    { PORT: String(port), DATABASE_FILE: file, ...environment },
    /^ready$/m,
  );
  const cookie = await signIn(port, [app, web]);
  return {
    name,
    port,
    pid: child.pid,
    paths,
    web,
    app,
    cookie,
    file,
    async stop() {
      await stopProcess(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function signIn(port: number, clients: readonly (typeof app)[]): Promise<string> {
  const site = { origin: `http://localhost:${port}`, authorize: paths.authorize };
  return cookieAfterSignIn(site, clients, (agent, url) => agent.open(url));
}
