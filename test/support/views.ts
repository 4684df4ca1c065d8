/** A copy of views/ with one more view, whose texts are only in the English file. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { viewsDirectory } from '../../src/config/page-texts-and-dates.ts';

/** Gives the copy's URL; the temporary folder of the tests is deleted at the end. */
export function viewsWith(name: string, view: string, texts: Record<string, unknown>): URL {
  const copy = mkdtempSync(join(tmpdir(), 'gatehouse-views-'));
  cpSync(viewsDirectory, copy, { recursive: true });
  writeFileSync(join(copy, `${name}.eta`), view);
  const english = join(copy, 'locales/en.json');
  writeFileSync(english, JSON.stringify({ ...JSON.parse(readFileSync(english, 'utf8')), [name]: texts }));
  return pathToFileURL(`${copy}/`);
}
