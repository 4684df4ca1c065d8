/** Two variables of one setting: a command must not work on what the one names where somebody wrote the other for it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-two-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const KEY = 'k'.repeat(44);
const URL_OF_NODES = 'postgres://gatehouse@db.internal/gatehouse';
const fileOf = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
};
const files = {
  GATEHOUSE_MASTER_KEY_FILE: fileOf('key', `${KEY}\n`),
  GATEHOUSE_DATABASE_FILE: fileOf('url', `${URL_OF_NODES}\n`),
};
const other = { GATEHOUSE_MASTER_KEY: 'o'.repeat(44), GATEHOUSE_DATABASE: 'sqlite:x/copy.db' };

it.each(['DATABASE', 'MASTER_KEY'] as const)(
  '%s and its _FILE are refused by name where they differ',
  (name) => {
    const variable = `GATEHOUSE_${name}` as const;
    const said = `${variable} and ${variable}_FILE are both set, and differ: leave one out, as by env -u ${variable}_FILE`;
    for (const environment of [
      { ...files, [variable]: other[variable] },
      { [variable]: other[variable], ...files },
    ])
      expect(() => loadSettings({ environment })).toThrow(said);
  },
);

it('the same in both, or nothing beside the file, is taken', () => {
  const same = { GATEHOUSE_MASTER_KEY: `${KEY}\n`, GATEHOUSE_DATABASE: URL_OF_NODES };
  const nothing = { GATEHOUSE_MASTER_KEY: '', GATEHOUSE_DATABASE: '' };
  for (const more of [same, nothing]) {
    const { database, masterKey } = loadSettings({ environment: { ...more, ...files } });
    expect(database).toBe(URL_OF_NODES);
    expect(masterKey).toEqual(loadSettings({ environment: files }).masterKey);
  }
});

it('what the Dockerfile sets for all is nothing beside a file', () => {
  const dockerfile = readFileSync(fileURLToPath(new URL('../../Dockerfile', import.meta.url)), 'utf8');
  const [, GATEHOUSE_DATABASE] = /\bGATEHOUSE_DATABASE=(\S+)/.exec(dockerfile) ?? [];
  expect(GATEHOUSE_DATABASE).toMatch(/^sqlite:/);
  expect(loadSettings({ environment: { GATEHOUSE_DATABASE, ...files } }).database).toBe(URL_OF_NODES);
});

it('a variable in two spellings is refused too', () => {
  const environment = { ...files, GATEHOUSE_LOG_LEVEL: 'warn', gatehouse_log_level: 'info' };
  expect(loadSettings({ environment }).log_level).toBe('warn');
  const both = { ...files, GATEHOUSE_LOG_LEVEL: 'warn', GATEHOUSE_log_level: 'info' };
  expect(() => loadSettings({ environment: both })).toThrow(/GATEHOUSE_log_level.* are both set, and differ/);
});
