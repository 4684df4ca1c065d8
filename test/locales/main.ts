/** npm run locales: what is missing or left over in each language. What is left over is a fault, as in the tests. */
import { languages } from '../../src/config/built-in-page-languages.ts';
import { findGaps, linesOf } from './gaps.ts';

const gaps = findGaps();
const lines = linesOf(gaps);
process.stdout.write(
  lines.length > 0
    ? `${lines.join('\n')}\n`
    : `${languages.map(({ tag }) => tag).join(', ')}: nothing is missing or left over\n`,
);
if (gaps.some(({ leftOver }) => leftOver.length > 0)) process.exitCode = 1;
