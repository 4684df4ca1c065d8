/** No master key was given: who has an installation with one is told where it is, and never to make another. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const ISSUER = 'export GATEHOUSE_ISSUER=https://id.example.com;';
const HOW = 'openssl rand';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-missing-key-'));
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
  file = join(directory, 'data', 'gatehouse.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const withoutKey = (words: string[], database = `sqlite:${file}`) =>
  runCommand(directory, database, words, { shell: `${ISSUER} unset GATEHOUSE_MASTER_KEY; exec "$@"` });

/** With the server's key. */
async function createGatehouse(): Promise<void> {
  const words = ['user', 'create', '--username', 'alice'];
  const { code, err } = await runCommand(directory, `sqlite:${file}`, words, { shell: `${ISSUER} "$@"` });
  expect(code, err).toBe(0);
}

it('an installation that has its key is named, with where the key is, and no way to make one', async () => {
  await createGatehouse();
  for (const words of [['user', 'list'], ['serve'], ['database', 'check']]) {
    const { code, err } = await withoutKey(words);
    expect(code).toBe(1);
    expect(err).toContain(`The database ${file} has a master key`);
    expect(err).toContain('systemctl cat gatehouse');
    expect(err).not.toContain(HOW);
  }
  const keyFile = join(directory, 'data', 'master.key');
  writeFileSync(keyFile, 'k'.repeat(44), { mode: 0o600 });
  const { err } = await withoutKey(['user', 'list']);
  expect(err).toContain(`GATEHOUSE_MASTER_KEY_FILE=${keyFile}`);
  expect(err).not.toContain(HOW);
});

it('where there is no database yet: how to make a key, and that a database from elsewhere has its own key', async () => {
  const { code, err } = await withoutKey(['serve']);
  expect([code, err]).toEqual([1, expect.stringContaining(`no database ${file} yet`)]);
  expect(err).toMatch(
    /restored or moved there, it needs the key that it had; otherwise make one with `openssl/,
  );
});

it('for PostgreSQL both, as the database was not read yet', async () => {
  const { code, err } = await withoutKey(['user', 'list'], 'postgres://gatehouse@127.0.0.1:1/gatehouse');
  expect([code, err]).toEqual([
    1,
    expect.stringContaining('a server uses this database already, it has one'),
  ]);
  expect(err).toMatch(/For a database that is new, and no restored or moved one, make one with `openssl/);
});

it('doctor prints what is wrong with the settings line by line, as every command does, and escapes the rest', async () => {
  await createGatehouse();
  const lines =
    /^FAIL {2}settings {10}These settings are not safe to serve with:\n {24}- The database .*\n {24}fix: /;
  expect((await withoutKey(['doctor'])).out).toMatch(lines);
  rmSync(file);
  const lock = `${file}.server-lock`;
  writeFileSync(lock, 'pid');
  const { out } = await runCommand(directory, `sqlite:${file}`, ['doctor'], { shell: 'exec "$@"' });
  expect(out).toMatch(/^FAIL {2}database {10}.* is gone, though .*\n {24}\w.*\n {24}fix: /m);
  const json = await runCommand(directory, `sqlite:${file}`, ['doctor', '--json']);
  for (const finding of JSON.parse(json.out))
    expect(Object.keys(finding)).toEqual(['name', 'status', 'evidence', 'fix']);
});
