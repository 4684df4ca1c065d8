/** Whoever runs the server is told of clients with insecure_redirect_uris wherever they come up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ran, runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

const TOLD =
  /insecure_redirect_uris: whoever is on the way to the app reads the codes of nas.*; give the app https/;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-clear-text-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const gatehouse = (...words: string[]): Promise<Ran> =>
  runCommand(directory, `sqlite:${join(directory, 'gatehouse.db')}`, words);

it('client create, list, get and update warn of clear text, beside the one JSON value', async () => {
  const plain = await gatehouse(
    'client',
    'create',
    '--name',
    'Wiki',
    '--redirect-uri',
    'https://wiki.example/cb',
  );
  expect(plain.err).toMatch(/^There was no database yet: this began \S+\n$/);
  const shell = `printf '%s' '{"client_id":"nas"}' | "$@"`;
  const words = ['client', 'create', '--name', 'NAS', '--redirect-uri', 'http://nas:5000/cb', '--json'];
  const refused = await gatehouse(...words);
  expect(refused.err).toContain('insecure_redirect_uris allows http on a private host');
  const made = await runCommand(
    directory,
    `sqlite:${join(directory, 'gatehouse.db')}`,
    [...words, '--insecure-redirect-uris', '--metadata', '-'],
    { shell },
  );
  expect(made.err).toMatch(TOLD);
  expect(JSON.parse(made.out)).toMatchObject({ client_id: 'nas', insecure_redirect_uris: true });
  const listed = await gatehouse('client', 'list', '--json');
  expect(listed.err).toMatch(TOLD);
  expect(JSON.parse(listed.out)).toHaveLength(2);
  expect((await gatehouse('client', 'get', 'nas')).err).toMatch(TOLD);
  expect((await gatehouse('client', 'update', 'nas', '--name', 'The NAS')).err).toMatch(TOLD);
});

it('doctor warns of clear text', async () => {
  const { out } = await gatehouse('doctor', '--json');
  const findings = JSON.parse(out) as { name: string; status: string; evidence: string; fix: string }[];
  expect(findings.find(({ name }) => name === 'clear text')).toMatchObject({
    status: 'WARN',
    evidence: expect.stringMatching(/codes of nas/),
    fix: expect.stringContaining('"insecure_redirect_uris": null'),
  });
  expect(findings.find(({ name }) => name === 'clients')?.status).toBe('PASS');
});

it('when the server starts, once', async () => {
  const port = await freePort();
  const shell = `export GATEHOUSE_ISSUER=http://localhost:${port} GATEHOUSE_LISTEN=127.0.0.1:${port}; exec "$@"`;
  const { code, err } = await runCommand(directory, `sqlite:${join(directory, 'gatehouse.db')}`, ['serve'], {
    shell,
    whileRunning: (child) => child.stdout?.once('data', () => child.kill('SIGTERM')),
  });
  expect(code).toBe(0);
  const lines = err.split('\n').filter((line) => line.includes('insecure_redirect_uris: whoever'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, clients: ['nas'] });
});
