/** What comes in is taken as it is or refused: a repaired password is one that nobody can type. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-input-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** `input` as printf(1) has it: \374 is one byte. */
function gatehouse(words: readonly string[], input = '', more = '') {
  const shell = `printf '${input}' | "$@" ${more}`;
  return runCommand(directory, `sqlite:${join(directory, 'gatehouse.db')}`, words, { shell });
}

/** In a terminal of its own, which sends ISO-8859-1. */
function typedAtPrompt(words: readonly string[], text: string) {
  const whileRunning = ({ stdout, stdin }: ChildProcess) => {
    let seen = '';
    stdout?.on('data', (chunk) => {
      seen += chunk;
      if (seen.endsWith('password: ')) stdin?.end(text, 'latin1');
    });
  };
  const shell = `script -qec "$(printf '%s ' "$@")" /dev/null`;
  return runCommand(directory, 'sqlite:gatehouse.db', words, { shell, whileRunning });
}

const create = ['user', 'create', '--username', 'alice', '--json'];
const nothingMade = () => readdirSync(directory).filter((name) => name.endsWith('.db'));

describe('a password', () => {
  it.each([
    [
      'gr\\374ne Schildkr\\366te springt\\n',
      'is not UTF-8 in line 1, but perhaps ISO-8859-1 or Windows-1252',
    ],
    ['\\377\\376c\\000o\\000r\\000r\\000e\\000c\\000t\\000', 'is UTF-16LE; write it anew as UTF-8'],
    ['\\376\\377\\000c\\000o\\000r', 'is UTF-16BE; write it anew as UTF-8'],
    ['\\377\\376\\000\\000c\\000\\000\\000', 'is UTF-32LE; write it anew as UTF-8'],
    ['correct horse\\000battery staple\\n', 'holds NUL, as UTF-16 and binary data do'],
    ['correct horse\\nbattery staple\\n', 'has more than one line; write one alone'],
    ['correct horse battery\\rstaple\\n', 'has more than one line; write one alone'],
    ['correct \\357\\277\\275 battery staple\\n', 'is not UTF-8, or was damaged before (it holds U+FFFD)'],
  ])('on standard input that no form takes is refused, and nothing of it shown: %s', async (input, words) => {
    const { code, out, err } = await gatehouse([...create, '--password-stdin'], input);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`the password on standard input ${words}`);
    expect(err).not.toMatch(/Schild|correct|horse|\ufffd/);
    expect(nothingMade()).toEqual([]);
  });

  it('that is typed in another encoding is refused too', async () => {
    const { out } = await typedAtPrompt(
      [...create, '--password-stdin'],
      'gr\u00fcne Schildkr\u00f6te springt\r',
    );
    expect(out).toMatch(/the password that was typed is not UTF-8/);
    expect(nothingMade()).toEqual([]);
  });
});

describe('JSON', () => {
  it.each([
    [[...create, '--claims', '-'], '{"given_name":\\n"J\\374rgen"}', 'standard input is not UTF-8 in line 2'],
    [[...create, '--claims', '-'], '\\377\\376{\\000}\\000', 'standard input is UTF-16LE'],
    [
      ['client', 'create', '--metadata', '-'],
      '{"client_name":"J\\374rgen","redirect_uris":["https://a.test/cb"]}',
      'standard input is not UTF-8 in line 1',
    ],
  ])('that is not UTF-8 is refused: %j %s', async (words, input, sentence) => {
    const { code, err } = await gatehouse(words, input);
    expect([code, err]).toEqual([2, expect.stringContaining(sentence)]);
    expect(err).not.toMatch(/rgen|\ufffd/);
    expect(nothingMade()).toEqual([]);
  });

  it('in a file is read in the same way', async () => {
    const file = join(directory, 'claims.json');
    writeFileSync(file, Buffer.from('{"given_name":"J\u00fcrgen"}', 'latin1'));
    const { code, err } = await gatehouse([...create, '--claims', file]);
    expect([code, err]).toEqual([2, expect.stringContaining(`${file} is not UTF-8 in line 1`)]);
  });

  it('that is given in place of a file name is not repeated: it may hold a client_secret', async () => {
    const { code, err } = await gatehouse(['client', 'create', '--metadata', '{"client_secret":"hunter2"}']);
    expect([code, err]).toEqual([2, expect.stringMatching(/cannot be read: ENOENT; JSON itself goes/)]);
    expect(err).not.toContain('hunter2');
  });
});

describe('a word of the command line', () => {
  it('that is not UTF-8 is refused: it would be stored repaired', async () => {
    const more = `--name "$(printf 'B\\374ro')"`;
    const { code, err } = await gatehouse(['client', 'create'], '', more);
    expect([code, err]).toEqual([2, expect.stringContaining('word 4 after gatehouse is not UTF-8')]);
  });

  it.each(['--password=hunter2', '--password-stdin=hunter2', '-phunter2'])(
    '%s is no option, and its value is not repeated',
    async (word) => {
      const { code, err } = await gatehouse(['user', 'set-password', 'alice', word]);
      expect([code, err]).toEqual([2, expect.stringContaining("error: unknown option '-")]);
      expect(err).not.toContain('hunter2');
    },
  );
});

it('a mark before UTF-8 is no part of a password or of JSON', async () => {
  const password = ['--password-stdin'];
  const short = await gatehouse([...create, ...password], '\\357\\273\\277fourteen chars\\r\\n');
  expect([short.code, short.err]).toEqual([1, expect.stringContaining('at least 15 characters')]);
  const { code, out } = await gatehouse(
    [...create, '--claims', '-'],
    '\\357\\273\\277{"given_name":"J\\303\\274rgen"}',
  );
  expect([code, JSON.parse(out).claims]).toEqual([0, { given_name: 'J\u00fcrgen' }]);
});
