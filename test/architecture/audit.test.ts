import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { auditEventTypes } from '../../src/audit/events.ts';

it('docs/reference/audit.md lists exactly the event types that exist', () => {
  const text = readFileSync(new URL('../../docs/reference/audit.md', import.meta.url), 'utf8');
  const table = text.slice(0, text.indexOf('## Refusals that are counted'));
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z._]+)`/g)]);
  expect(new Set(listed.map(([, type]) => type))).toEqual(new Set(auditEventTypes));
});
