/** docs/reference/imports.md, from the rules that imports.test.ts holds every file to. */
import { type ImportRule, importRules } from '../../architecture/import-rules.ts';
import { code, page, table } from './markdown.ts';

/** The text of the page. */
export function importsPage(): string {
  return page(
    'Who may import whom',
    'Folders of `src/`, from the bottom to the top. What is not named is refused, by Biome in the editor and by `test/architecture`; types count as code does. The table is `test/architecture/import-rules.ts`.',
    table(
      ['folder', 'may import', 'because'],
      importRules.map((rule) => [code(rule.path), allowed(rule), rule.because]),
    ),
  );
}

function allowed({ mayImport, only = {}, never = [] }: ImportRule): string {
  const named = mayImport.filter((folder) => only[folder] === undefined);
  const parts = [...named, ...Object.values(only).flat()].map(code).join(', ');
  const except = never.length === 0 ? '' : `; never ${never.map(code).join(', ')}`;
  return parts === '' ? 'nothing of ours' : parts + except;
}
