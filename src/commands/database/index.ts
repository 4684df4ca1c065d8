import { Command } from 'commander';
import { cleaningUpOnSignal } from '../clean-up-on-signal.ts';
import { backup } from './backup.ts';
import { check } from './check.ts';
import { copy } from './copy.ts';
import { runMigrations } from './migrate.ts';
import { restore } from './restore.ts';

const JSON_OPTION = ['--json', 'print one JSON value'] as const;

/** The command `gatehouse database migrate | check | backup | restore | copy`. */
export function databaseCommand(): Command {
  const command = new Command('database').description('the database itself');
  command
    .command('migrate')
    .description('apply what is pending')
    .option('--dry-run', 'only say what would be applied')
    .option(...JSON_OPTION)
    .action((_options, verb: Command) => runMigrations(verb.optsWithGlobals()));
  command
    .command('check')
    .description('integrity, foreign keys, orphans, keys and settings')
    .option(...JSON_OPTION)
    .action((_options, verb: Command) => check(verb.optsWithGlobals()));
  command
    .command('backup')
    .description('write a backup while the server runs')
    .argument('<file>', 'a new file, or - for standard output')
    .option(...JSON_OPTION)
    .action((file: string, _options, verb: Command) =>
      cleaningUpOnSignal(() => backup(file, verb.optsWithGlobals())),
    );
  command
    .command('restore')
    .description('replace the database by a backup; the server must be stopped')
    .argument('<file>', 'what backup wrote')
    .option('--keep-grants', 'nothing was spent or revoked since the backup: keep grants and sessions')
    .option('--bring-back', 'what was disabled, deleted or withdrawn since the backup comes back too')
    .option(...JSON_OPTION)
    .action((file: string, _options, verb: Command) =>
      cleaningUpOnSignal(() => restore(file, verb.optsWithGlobals())),
    );
  command
    .command('copy')
    .description('copy everything into an empty database, of another engine too; stop the server first')
    .option(
      '--from <url>',
      'sqlite:FILE or postgres://USER@HOST/NAME; without it the database of the settings',
    )
    .option('--to <url>', 'an empty database; without it the database of the settings')
    .option(...JSON_OPTION)
    .action((_options, verb: Command) => cleaningUpOnSignal(() => copy(verb.optsWithGlobals())));
  return command;
}
