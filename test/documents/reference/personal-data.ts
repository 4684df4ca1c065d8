/** docs/how-to/personal-data.md: what each table declares of people, and what is written outside the database. */
import type { LifeCycle } from '../../../src/storage/life-cycle.ts';
import { lifeCycles } from '../../../src/storage/restore-and-cleanup-rules/index.ts';
import { code, table } from './markdown.ts';
import { withTable } from './part.ts';

/** Tables that declare the same share a row. */
export function rowsOf(lives: readonly Pick<LifeCycle, 'table' | 'personal'>[]): string[][] {
  const rows = new Map<string, { readonly kept: string; readonly tables: string[] }>();
  for (const { table: name, personal } of lives)
    for (const { what, kept } of personal) {
      const row = rows.get(what) ?? { kept, tables: [] };
      if (row.kept !== kept) throw new Error(`"${what}" is kept for two times: ${row.kept}; ${kept}`);
      row.tables.push(name);
      rows.set(what, row);
    }
  return [...rows].map(([what, { kept, tables }]) => [what, tables.map(code).join(', '), kept]);
}

/** The page. */
export function personalDataPage(): string {
  const log = [
    'one line for each request, with its address',
    'standard error',
    'as long as your log collector keeps it',
  ];
  const rows = [...rowsOf(lifeCycles), log];
  return withTable('docs/how-to/personal-data.md', table(['what', 'where', 'how long'], rows));
}
