import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeSettings } from '../../src/config/describe-settings.ts';
import { reasons } from '../documents/reference/reasons.ts';
import { files } from './source-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

it('every explained reason is used; a reason that is not explained does not compile', () => {
  const given = new Set(
    files.flatMap(({ text }) => [...text.matchAll(/'([a-z_]+)'/g)].map(([, word]) => word)),
  );
  expect(Object.keys(reasons).filter((reason) => !given.has(reason))).toEqual([]);
});

it('no text is cast to a reason', () => {
  const made = files.filter(({ text }) => /\bas (?:unknown as )?Reason\b/.test(text));
  expect(made.map(({ path }) => path)).toEqual([]);
});

it('docs/reference/settings.md lists exactly the settings that exist, with their descriptions', () => {
  const text = read('docs/reference/settings.md');
  for (const { name, variable, sentence } of describeSettings()) {
    expect(text).toContain(`\`${name}\``);
    expect(text).toContain(`\`${variable}\``);
    expect(text).toContain(sentence);
  }
  expect([...text.matchAll(/^\| `(\w+)` \|/gm)]).toHaveLength(describeSettings().length);
});
