/** What a command says beside what it prints: JSON on standard output stays one value. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-said-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** `input` comes on standard input. */
function gatehouse(words: string[], input = '') {
  const shell = `printf %s '${input}' | "$@"`;
  return runCommand(directory, `sqlite:${join(directory, 'gatehouse.db')}`, [...words, '--json'], { shell });
}

it('creating a user without a password prints how to set one; creating one with a password does not', async () => {
  const { code, out, err } = await gatehouse(['user', 'create', '--username', 'alice']);
  const { sub } = JSON.parse(out);
  expect(code).toBe(0);
  expect(err).toContain(`gatehouse user set-password ${sub}`);
  const words = ['user', 'create', '--username', 'bob', '--password-stdin'];
  expect((await gatehouse(words, 'a password of some length')).err).toBe('');
});

it('a chosen secret that libraries encode in different ways gives a warning, and is accepted', async () => {
  const metadata = (client_id: string, client_secret: string) =>
    JSON.stringify({
      client_id,
      client_secret,
      client_name: client_id,
      grant_types: ['client_credentials'],
      scope: 'read',
    });
  const create = ['client', 'create', '--metadata', '-'];
  const warned = await gatehouse(create, metadata('one', 'a+b%c0123456789-0123456789'));
  expect(JSON.parse(warned.out).client_id).toBe('one');
  expect(warned.err).toMatch(/client_secret has \+ or %/);
  expect((await gatehouse(create, metadata('other', 'abc0123456789-0123456789'))).err).toBe('');
});
