/** A setting: where it is read from, and what is said of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { describeSettings } from '../../../src/config/describe-settings.ts';
import type { loadSettings } from '../../../src/config/load-settings.ts';
import { settingsSchema } from '../../../src/config/settings-schema.ts';

const toySetting = z.string().max(9).default('ball').describe('What is played with.');

let load: typeof loadSettings;
let directory: string;
beforeAll(async () => {
  Object.assign(settingsSchema.shape, { toy: toySetting });
  // It reads the names when it is loaded.
  load = (await import('../../../src/config/load-settings.ts')).loadSettings;
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-setting-'));
});
afterAll(() => {
  // The test files of a process share the schema.
  Reflect.deleteProperty(settingsSchema.shape, 'toy');
  rmSync(directory, { recursive: true });
});

const written = (text: string) => {
  const configFile = join(directory, 'gatehouse.yaml');
  writeFileSync(configFile, text);
  return { configFile, environment: {} };
};
const toyOf = (source: Parameters<typeof loadSettings>[0]) => (load(source) as { toy?: unknown }).toy;

it('it is read from YAML and from the environment, which takes precedence', () => {
  expect(toyOf({ environment: {} })).toBe('ball');
  expect(toyOf(written('toy: kite\n'))).toBe('kite');
  expect(toyOf({ ...written('toy: kite\n'), environment: { GATEHOUSE_TOY: 'train' } })).toBe('train');
});

it('the error for a misspelt name has the nearest one, and that for a wrong value its fault', () => {
  expect(() => load(written('toyy: kite\n'))).toThrow(/toyy.*toy/s);
  expect(() => load({ environment: { GATEHOUSE_TOYY: 'kite' } })).toThrow(/GATEHOUSE_TOYY.*GATEHOUSE_TOY/s);
  expect(() => load(written('toy: a very long name\n'))).toThrow(/toy/);
});

it('gatehouse settings and the reference page of settings have its row', async () => {
  const row = { name: 'toy', variable: 'GATEHOUSE_TOY', sentence: 'What is played with.', preset: 'ball' };
  expect(describeSettings()).toContainEqual(row);
  const { settingsPage } = await import('../../documents/reference/settings.ts');
  expect(settingsPage()).toContain('| `toy` | `GATEHOUSE_TOY` | ball | What is played with. |');
});
