/** docs/reference/settings.md: the table is written, what stands around it is not. */
import { readFileSync } from 'node:fs';
import { describeSettings } from '../../../src/config/describe-settings.ts';
import { code, table } from './markdown.ts';

const file = new URL('../../../docs/reference/settings.md', import.meta.url);
const TABLE = /^\| setting \|.*(?:\n\|.*)*/m;

/** The page with the table as it is now. */
export function settingsPage(): string {
  const rows = describeSettings().map(({ name, variable, preset, sentence }) => [
    code(name),
    code(variable),
    preset,
    sentence,
  ]);
  const written = table(['setting', 'variable', 'default', 'what it does'], rows);
  return readFileSync(file, 'utf8').replace(TABLE, () => written);
}
