/** A server that runs and is not ready: nobody can sign in, though all that doctor can read itself is right. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { StorageUnavailableError } from '../../src/storage/storage-errors.ts';
import { type Ran, runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';

let directory: string;
let database: string;
let server: TestServer;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-readiness-'));
  database = `sqlite:${join(directory, 'gatehouse.db')}`;
  const environment = { GATEHOUSE_DATABASE: database, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
  server = await startServer({ path: '/tenant', environment });
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Typed {
  /** Makes the master key. */
  readonly letter?: string;
  readonly port?: number;
}

function gatehouse(words: string, { letter = 'k', port }: Typed = {}): Promise<Ran> {
  const listen = `127.0.0.1:${port ?? new URL(server.issuer).port}`;
  const shell =
    `export GATEHOUSE_ISSUER=${server.issuer} GATEHOUSE_LISTEN=${listen} ` +
    `GATEHOUSE_MASTER_KEY=${letter.repeat(44)}; exec "$@"`;
  return runCommand(directory, database, words.split(' '), { shell });
}

async function readiness(typed: Typed = {}) {
  const { code, out } = await gatehouse('doctor --json', typed);
  const all = JSON.parse(out) as { name: string; status: string; evidence: string; fix: string }[];
  const others = all.filter(({ name, status }) => name !== 'readiness' && status === 'FAIL');
  return { code, others, ...all.find(({ name }) => name === 'readiness') };
}

const address = () => `${server.issuer.replace('localhost', '127.0.0.1')}/health/ready`;
const breakWrites = () =>
  vi
    .spyOn(server.gatehouse.db, 'checkWritable')
    .mockRejectedValue(new StorageUnavailableError('a read-only disk'));

it('doctor passes the readiness of a server that is ready, here or at its issuer', async () => {
  const evidence = `${address()} says that it is ready`;
  expect(await readiness()).toMatchObject({ code: 0, status: 'PASS', evidence });
  const elsewhere = { port: await freePort() };
  const there = `${server.issuer}/health/ready says that it is ready`;
  expect(await readiness(elsewhere)).toMatchObject({ code: 0, status: 'PASS', evidence: there });
});

it('doctor fails with the reason where a server cannot write, and health prints it too', async () => {
  breakWrites();
  const reason = 'answers 503: the database does not answer, or keeps nothing: a read-only disk';
  const seen = { code: 1, status: 'FAIL', fix: expect.stringContaining('the log of the server has it too') };
  expect(await readiness()).toMatchObject({ ...seen, evidence: `${address()} ${reason}`, others: [] });
  const elsewhere = { port: await freePort() };
  const there = `${server.issuer}/health/ready ${reason}`;
  expect(await readiness(elsewhere)).toMatchObject({ ...seen, evidence: there, others: [] });
  const { code, out, err } = await gatehouse('health');
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain(`not ready: ${address()} ${reason}\nfix: `);
  expect(server.lines.join('')).toContain('not ready: the database does not answer, or keeps nothing');
});

it('health prints the address where no server listens, and what to do', async () => {
  const port = await freePort();
  const { code, err } = await gatehouse('health', { port });
  expect(code).toBe(1);
  expect(err).toMatch(
    new RegExp(`^not ready: http://127.0.0.1:${port}/tenant/health/ready .*nothing listens there`),
  );
  expect(err).toMatch(/\nfix: start the server \(gatehouse serve\), .*journalctl/);
});

it('a caller without the master key gets no reason', async () => {
  breakWrites();
  const answer = await fetch(`${server.issuer}/health/ready`);
  expect([answer.status, await answer.json()]).toEqual([503, { status: 'not ready' }]);
});

it('doctor fails where the master key was changed while a server runs, and names where the reason is logged', async () => {
  expect((await gatehouse('keys rotate --now --master-key-changed', { letter: 'x' })).code).toBe(0);
  const seen = await readiness({ letter: 'x' });
  expect(seen).toMatchObject({ code: 1, status: 'FAIL', others: [] });
  expect(seen.evidence).toMatch(/answers 503, and does not say why .* another master key/);
  expect(seen.fix).toMatch(/systemctl restart gatehouse.*its log .* last line with "not ready"/);
  const { code, err } = await gatehouse('health', { letter: 'x' });
  expect([code, err]).toEqual([1, expect.stringContaining(seen.evidence ?? '-')]);
  expect(server.lines.filter((line) => line.includes('not ready')).at(-1)).toContain('does not open');
  // Who has the key of before is told.
  expect((await readiness()).evidence).toContain('answers 503: ');
});
