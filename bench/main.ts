/** npm run bench: everything, into bench/README.md. npm run bench -- --quick: the ratios, in two minutes; --past: one person. */
import { Command } from 'commander';
import { runFull } from './full.ts';
import { measurePast, pastTable } from './past.ts';
import { runQuick } from './quick.ts';
import { writeReadme } from './readme.ts';

const { quick, past } = new Command('bench')
  .description('how fast Gatehouse is, beside others, in one run')
  .option('--quick', 'only the ratios, in two minutes')
  .option('--past', 'only a person with a long past, in a few minutes')
  .parse()
  .opts<{ quick?: boolean; past?: boolean }>();
const say = (line: string) => void process.stdout.write(`${line}\n`);

if (quick) await runQuick(say);
else if (past) say(pastTable(await measurePast(say)));
else {
  writeReadme(await runFull(say));
  say('bench/README.md and bench/ratios.svg are written');
}
