/** Signatures of a server under load, which a thread of its own makes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { program } from '../support/program.ts';

const client = { client_id: 'batch', client_secret: 'a-secret-of-43-characters-0123456789abcdefgh' };

let directory: string;
let issuer: string;
let server: ChildProcess;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-signing-'));
  const port = await freePort();
  issuer = `http://localhost:${port}`;
  const { PATH = '', HOME = '' } = process.env;
  const environment = { GATEHOUSE_ISSUER: issuer, GATEHOUSE_LISTEN: `127.0.0.1:${port}` };
  const gatehouse = (...words: string[]) =>
    spawn(process.execPath, [program, ...words], { cwd: directory, env: { PATH, HOME, ...environment } });
  const create = gatehouse('client', 'create', '--metadata', '-');
  create.stdin.end(
    JSON.stringify({ ...client, client_name: 'Batch', grant_types: ['client_credentials'], scope: 'read' }),
  );
  await once(create, 'exit');
  server = gatehouse('serve');
  await once(server.stdout as NonNullable<typeof server.stdout>, 'data');
});
afterAll(() => {
  server.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function askToken(): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: basic(client.client_id, client.client_secret) },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { access_token: string }).access_token;
}

const threads = () => readdirSync(`/proc/${server.pid}/task`).length;

describe.skipIf(process.platform !== 'linux')('signatures under load', () => {
  it('each belongs to its own token, and a single one needs no thread', async () => {
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
    const alone = await askToken();
    await jwtVerify(alone, keys);
    const before = threads();
    const tokens: string[] = [];
    for (let round = 0; round < 4; round += 1)
      tokens.push(...(await Promise.all(Array.from({ length: 50 }, askToken))));
    const jtis = await Promise.all(tokens.map(async (token) => (await jwtVerify(token, keys)).payload.jti));
    expect(new Set(jtis).size).toBe(200);
    const cores = readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length ?? 1;
    if (cores > 1) expect(threads()).toBe(before + 1);
  });

  it('its thread holds up no stop', async () => {
    server.kill('SIGTERM');
    expect((await once(server, 'exit'))[0]).toBe(0);
  });
});
