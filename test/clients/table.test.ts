import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { catalogue } from './runner/catalogue.ts';
import { versionOf } from './runner/take-through.ts';

it('docs/reference/clients.md lists exactly the clients that npm run test:clients runs, as they are pinned', () => {
  const text = readFileSync(new URL('../../docs/reference/clients.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  const listed = rows.map((row) => row.split(' | ').slice(0, 3).join(' ').slice(2));
  const wanted = catalogue.map((client) => `${client.name} ${versionOf(client)} ${client.language.name}`);
  expect(listed.slice(2)).toEqual(wanted);
});
