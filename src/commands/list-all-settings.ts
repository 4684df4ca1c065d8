import { Command } from 'commander';
import { describeSettings } from '../config/describe-settings.ts';
import { print, writeData } from './print.ts';

/** The command `gatehouse settings`: every setting with its variable, default and description. */
export function settingsCommand(): Command {
  return new Command('settings')
    .description('every setting, its default and what it does')
    .option('--json', 'print one JSON value')
    .action((options: { json?: boolean }) => {
      if (options.json) return print(describeSettings(), true);
      for (const { name, variable, sentence, preset } of describeSettings()) {
        writeData(`${name} (${variable}${preset === '' ? '' : `, default ${preset}`})\n    ${sentence}\n`);
      }
    });
}
