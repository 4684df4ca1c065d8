import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';
import { runCommand } from '../support/command.ts';

const MASTER_KEY = { GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-numbers-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const fromEnvironment = (text: string) =>
  loadSettings({ environment: { ...MASTER_KEY, GATEHOUSE_AUDIT_DAYS: text } });

function fromFile(text: string) {
  const configFile = join(directory, 'gatehouse.yaml');
  writeFileSync(configFile, `audit_days:${text}\n`);
  return loadSettings({ configFile, environment: MASTER_KEY });
}

describe('a setting that is a number', () => {
  it.each(['', ' ', 'never', '1.5', '-1'])('is none where %j stands in the environment', (text) => {
    expect(() => fromEnvironment(text)).toThrow(/audit_days: must be/);
  });

  it.each(['', ' ""', ' true', ' [5]', ' ~'])('is none where %j stands in the file', (text) => {
    expect(() => fromFile(text)).toThrow(/audit_days: must be a number/);
  });

  it('may be written as text, and 0 is 0 where it is written', () => {
    expect([fromEnvironment('180').audit_days, fromFile(' "180"').audit_days]).toEqual([180, 180]);
    expect([fromEnvironment('0').audit_days, fromFile(' 0').audit_days]).toEqual([0, 0]);
  });
});

it('a flag that is a number is none where nothing is written: old secrets do not end at once', async () => {
  const words = ['client', 'rotate-secret', 'app', '--keep-old-seconds', ''];
  const { code, err } = await runCommand(directory, `sqlite:${directory}/g.db`, words);
  expect([code, err]).toEqual([2, '--keep-old-seconds: must be a number, and is ""\n']);
});
