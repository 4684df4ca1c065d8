/** One API of the guide, written, built, started, and shown every token. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import { block, writeBlock } from './guide.ts';
import { type Kind, linkModules } from './kinds.ts';
import type { Scene } from './scene.ts';

const STARTS_WITHIN_MS = 120_000;
/** Of what a program writes, the end. */
const MOST_SAID = 4000;

export interface Outcome {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
}

/** `fetches` is whether its lines of installation are run, or the modules of this repository used. */
export async function runKind(scene: Scene, kind: Kind, fetches: boolean): Promise<readonly Outcome[]> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-api-'));
  const port = await freePort();
  const { issuer } = scene.server;
  for (const { block: name, changes } of kind.files) {
    writeBlock(directory, name, { issuer, port }, changes);
  }
  if (!fetches) linkModules(directory);
  else if (kind.install !== undefined) install(directory, block(kind.install));
  const { child, said } = start(directory, kind, scene, port);
  try {
    if (!(await isUp(child, port)))
      throw new Error(`it did not start (exit code ${child.exitCode}): ${said()}`);
    return await showAll(scene, kind, port);
  } finally {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

function install(cwd: string, script: string): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', script], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script}\nfailed:\n${stdout}${stderr}`);
}

function start(cwd: string, { start: [command, ...words] }: Kind, { api }: Scene, port: number) {
  const env = {
    ...process.env,
    SERVER_PORT: String(port),
    CLIENT_ID: api.client.client_id,
    CLIENT_SECRET: api.client_secret,
  };
  const child = spawn(command, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => said.push(String(data)));
  return { child, said: () => said.join('').slice(-MOST_SAID) };
}

async function isUp(child: ChildProcess, port: number): Promise<boolean> {
  const endsAt = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < endsAt && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/orders`).catch(() => undefined);
    if (answer) return true;
    await wait(200);
  }
  return false;
}

async function showAll(scene: Scene, kind: Kind, port: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const shown = [...(await scene.tokens())];
  const revoked = kind.seesRevocation ? 401 : 200;
  const authorization = `Bearer ${await scene.revoked()}`;
  shown.push({ what: 'revoked', authorization, status: revoked });
  for (const { what, authorization, status } of shown) {
    const answer = await fetch(`http://127.0.0.1:${port}/orders`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    const text = await answer.text();
    const names = (header: string | null) => (header?.startsWith('Bearer') ? ', with its challenge' : '');
    outcomes.push({
      what,
      expected: status === 200 ? `200 ${scene.sub}` : `${status}, with its challenge`,
      seen:
        answer.status === 200
          ? `200 ${text}`
          : `${answer.status}${names(answer.headers.get('www-authenticate'))}`,
    });
  }
  return outcomes;
}
