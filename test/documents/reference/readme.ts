/** README.md: its row of client authentication has the methods of the table. The rest of it is written by hand. */
import { readFileSync } from 'node:fs';
import { authenticationMethods } from '../../../src/oauth/clients/authentication/index.ts';
import { root } from '../blocks.ts';

const ROW = /^\| Client authentication \|[^;|]*;/m;

/** Throws where README.md has no such row. */
export function readmePage(): string {
  const text = readFileSync(`${root}README.md`, 'utf8');
  if (!ROW.test(text))
    throw new Error('README.md has no row "Client authentication" with a list and a semicolon');
  const names = authenticationMethods.map(({ name }) => `\`${name}\``).join(', ');
  return text.replace(ROW, `| Client authentication | ${names};`);
}
