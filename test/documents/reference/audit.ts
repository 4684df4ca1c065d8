/** docs/reference/audit.md: each type of audit event, and what happened. */
import { auditEvents } from '../../../src/audit/events.ts';
import { code, table } from './markdown.ts';
import { withTable } from './part.ts';

/** Types that share a sentence share a row, at the place of the first. */
export function rowsOf(events: Readonly<Record<string, string>>): string[][] {
  const rows = new Map<string, string[]>();
  for (const [type, what] of Object.entries(events)) rows.set(what, [...(rows.get(what) ?? []), type]);
  return [...rows].map(([what, types]) => [types.map(code).join(', '), what]);
}

/** The page. */
export function auditPage(): string {
  return withTable('docs/reference/audit.md', table(['type', 'what happened'], rowsOf(auditEvents)));
}
