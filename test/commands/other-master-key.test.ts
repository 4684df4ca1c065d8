/** What happens where the master key is another than the keys were sealed with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ran, runCommand } from '../support/command.ts';

let directory: string;
const database = () => `sqlite:${join(directory, 'gatehouse.db')}`;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-master-key-'));
  expect((await gatehouse('k', 'keys', 'rotate', '--now')).code).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** `letter` makes the master key. */
function gatehouse(letter: string, ...words: string[]): Promise<Ran> {
  const shell = `export GATEHOUSE_MASTER_KEY=${letter.repeat(44)}; exec "$@"`;
  return runCommand(directory, database(), words, { shell });
}

const kids = async () => (await gatehouse('k', 'keys', 'list')).out.match(/[\w-]{43}/g)?.sort();

it('serve and keys rotate both refuse it and name what to do', async () => {
  const before = await kids();
  for (const words of [['serve'], ['keys', 'rotate'], ['keys', 'rotate', '--now']]) {
    const { code, out, err } = await gatehouse('x', ...words);
    expect([code, out]).toEqual([words[0] === 'serve' ? 1 : 4, '']);
    expect(err).toMatch(/does not open with this master key; start with the master key it was sealed with/);
    expect(err).toContain('--master-key-changed');
  }
  expect(await kids()).toEqual(before);
});

it('doctor reports it', async () => {
  const { code, out, err } = await gatehouse('x', 'doctor');
  expect(code).toBe(1);
  expect(out + err).toMatch(/FAIL.*keys.*the master key is another/);
});

it('a master key that was changed is good from keys rotate --now --master-key-changed on', async () => {
  const later = await gatehouse('x', 'keys', 'rotate', '--master-key-changed');
  expect([later.code, later.err]).toEqual([2, expect.stringContaining('add --now')]);
  const old = (await kids()) ?? [];
  expect((await gatehouse('x', 'keys', 'rotate', '--now', '--master-key-changed')).code).toBe(0);
  const { out } = await gatehouse('x', 'keys', 'list', '--json');
  const keys = JSON.parse(out) as { kid: string; alg: string; state: string }[];
  const current = keys.filter(({ state }) => state === 'current');
  expect(current.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
  // What the old ones signed is still verified.
  expect(keys.filter(({ state }) => state === 'retired').map(({ kid }) => kid)).toEqual(
    expect.arrayContaining(old),
  );
  expect((await gatehouse('x', 'database', 'check')).code).toBe(0);
  expect((await gatehouse('x', 'keys', 'rotate')).code).toBe(0);
});

it('a restore from before the change leaves out what only the old master key opens', async () => {
  const own = `sqlite:${join(directory, 'restored.db')}`;
  const on = (letter: string, ...words: string[]) =>
    runCommand(directory, own, words, {
      shell: `export GATEHOUSE_MASTER_KEY=${letter.repeat(44)}; exec "$@"`,
    });
  await on('k', 'keys', 'rotate', '--now');
  await on('k', 'keys', 'rotate', '--now');
  expect((await on('k', 'database', 'backup', 'before.db')).code).toBe(0);
  expect((await on('x', 'keys', 'rotate', '--now', '--master-key-changed')).code).toBe(0);
  const restored = await on('x', 'database', 'restore', 'before.db');
  expect(restored).toMatchObject({ code: 0, err: expect.not.stringContaining('does not open') });
  expect((await on('x', 'database', 'check')).code).toBe(0);
  expect((await on('x', 'keys', 'rotate')).code).toBe(0);
});
