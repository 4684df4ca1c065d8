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
export function startOidcProvider(): Promise<Subject> {
  return startScript('oidc-provider', 'oidc-provider.ts');
}

/** The least that could do the same work on the same libraries. */
export function startCeiling(): Promise<Subject> {
  return startScript('ceiling', 'ceiling.ts');
}

async function startScript(name: string, script: string): Promise<Subject> {
  const directory = mkdtempSync(join(tmpdir(), 'benchmark-'));
  const port = await freePort();
  const file = join(directory, 'peer.db');
  const program = new URL(`../servers/${script}`, import.meta.url).pathname;
  const child = await startProcess(
    process.execPath,
    ['--import', 'tsx', program],
    { PORT: String(port), DATABASE_FILE: file },
    /^ready$/m,
  );
  const site = { origin: `http://localhost:${port}`, authorize: paths.authorize };
  const cookie = await cookieAfterSignIn(site, [app, web], (agent, url) => agent.open(url));
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
