/** A table that is written from the code, within a page that is written by hand. */
import { readFileSync } from 'node:fs';
import { root } from '../blocks.ts';

const BEGIN = '<!-- The table below is written by `npm run docs:write`; do not edit it. -->';
const END = '<!-- End of the written table. -->';

/** The page with `table` between the two comments. Throws where they are not there. */
export function withTable(path: string, table: string): string {
  const text = readFileSync(root + path, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${path} has no place for the table: ${BEGIN} … ${END}`);
  return `${text.slice(0, begin)}${BEGIN}\n\n${table}\n\n${text.slice(end)}`;
}
