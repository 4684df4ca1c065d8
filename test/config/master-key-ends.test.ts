/** A secret has a line break at its end or none by how it was stored: it is one master key, and what was sealed before opens. */
import { hkdfSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';
import { buildGatehouse } from '../../src/gatehouse.ts';
import { runCommand } from '../support/command.ts';

const KEY = 'k'.repeat(44);
const ENDS = ['', '\n', '\r\n'];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-key-ends-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const databaseOf = (name: string) => `sqlite:${join(directory, name, 'gatehouse.db')}`;

const derived = (text: string) => Buffer.from(hkdfSync('sha256', text, 'gatehouse', 'master key', 32));

/** One text as a variable, in a file, and in YAML. */
function waysOf(text: string, database: string) {
  const file = join(directory, 'master.key');
  const configFile = join(directory, 'own.yaml');
  writeFileSync(file, text);
  writeFileSync(configFile, `master_key: ${JSON.stringify(text)}\n`);
  const environment = { GATEHOUSE_DATABASE: database };
  return [
    loadSettings({ environment: { ...environment, GATEHOUSE_MASTER_KEY: text } }),
    loadSettings({ environment: { ...environment, GATEHOUSE_MASTER_KEY_FILE: file } }),
    loadSettings({ environment, configFile }),
  ];
}

type Settings = ReturnType<typeof loadSettings>;

/** Throws where the keys of the database do not open. */
async function masterKeyInUse(settings: Settings): Promise<Buffer> {
  const gatehouse = await buildGatehouse(settings, { log: pino({ level: 'silent' }) });
  await gatehouse.close();
  return gatehouse.settings.masterKey;
}

it('a new database has one key, whatever stands at its ends and wherever it is written', async () => {
  const database = databaseOf('new');
  const used = new Set<string>();
  for (const end of ENDS)
    for (const settings of waysOf(`${KEY}${end}`, database))
      used.add((await masterKeyInUse(settings)).toString('hex'));
  expect(used.size).toBe(1);
});

it.each(ENDS)('what was sealed while %j counted opens with the same text, in a file too', async (end) => {
  const database = databaseOf('of-before');
  const [first] = waysOf(KEY, database);
  const sealedWith = derived(`${KEY}${end}`);
  await masterKeyInUse({ ...(first as Settings), masterKey: sealedWith, otherMasterKeys: [] });
  for (const settings of [...waysOf(`${KEY}${end}`, database), ...waysOf(KEY, database)])
    expect(await masterKeyInUse(settings)).toEqual(sealedWith);
  const [wrong] = waysOf('w'.repeat(44), database);
  await expect(masterKeyInUse(wrong as Settings)).rejects.toThrow('does not open with this master key');
  // runCommand has the text without its end.
  for (const words of [
    ['database', 'check'],
    ['database', 'backup', 'b.db'],
    ['database', 'restore', 'b.db'],
  ]) {
    const { code, err } = await runCommand(directory, database, words);
    expect([code, err]).toEqual([0, expect.not.stringContaining('does not open')]);
  }
});

it('a text that is long enough by its white space alone goes on to be read with it', () => {
  const [text, database] = [`${'k'.repeat(31)}\n`, databaseOf('short')];
  const environment = { GATEHOUSE_DATABASE: database, GATEHOUSE_MASTER_KEY: text };
  expect(loadSettings({ environment }).masterKey).toEqual(derived(text));
});
