/** The command line: gatehouse <noun> <verb>. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { nouns } from '../admin-commands/index.ts';
import { asUnavailable } from '../storage/sqlite/errors.ts';
import { StorageUnavailableError } from '../storage/storage-errors.ts';
import { refuseRepeated } from './collect-or-refuse-repeated-options.ts';
import { CommandError } from './command-error.ts';
import { databaseCommand } from './database/index.ts';
import { describeCommand } from './describe-security-scheme.ts';
import { doctorCommand } from './doctor/index.ts';
import { healthCommand } from './health.ts';
import { settingsCommand } from './list-all-settings.ts';
import { loginCommand } from './login.ts';
import { nounCommand } from './noun-command.ts';
import { say, writeData, writeMessage } from './print.ts';
import { watchOutput } from './report-failed-output.ts';
import { serveCommand } from './server/serve.ts';
import { refuseChangedWords } from './typographic-characters.ts';

/** Runs one command and gives the exit code: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict. */
export async function run(argv: readonly string[]): Promise<number> {
  const output = watchOutput();
  const program = createProgram();
  try {
    refuseChangedWords(argv);
    await program.parseAsync(argv, { from: 'user' });
    return output.hasFailed() ? 1 : 0;
  } catch (error) {
    if (output.hasFailed()) return 1;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof CommandError) {
      say(error.message);
      return error.exitCode;
    }
    const unavailable = asUnavailable(error);
    if (unavailable instanceof StorageUnavailableError) {
      say(`${unavailable.message}; gatehouse doctor says more`);
      return 1;
    }
    say(`unexpected failure: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

/** The whole command line: every command with its options. Also used by tests. */
export function createProgram(): Command {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('gatehouse')
    .description('An OAuth 2.1 authorization server and OpenID Provider')
    .version(manifest.version)
    .option('--config <file>', 'settings file (default: gatehouse.yaml, where there is one)');
  program.addCommand(serveCommand());
  for (const noun of nouns) program.addCommand(nounCommand(noun));
  for (const command of [
    databaseCommand(),
    doctorCommand(),
    loginCommand(),
    describeCommand(),
    settingsCommand(),
    healthCommand(),
  ]) {
    program.addCommand(command);
  }
  refuseMisuse(program);
  return program;
}

/** Makes usage errors exit with 2 and suggest the nearest known word; an option given twice is a usage error too. */
function refuseMisuse(command: Command): void {
  const outputError = (text: string, write: (text: string) => void) => write(withoutJoinedValue(text));
  command.configureOutput({ writeOut: writeData, writeErr: writeMessage, outputError });
  command.exitOverride().showSuggestionAfterError().showHelpAfterError('(add --help for what there is)');
  refuseRepeated(command);
  for (const child of command.commands) refuseMisuse(child);
}

/** Removes the value that is joined to an unknown option, because it may be a password: --password=…, -p… */
function withoutJoinedValue(text: string): string {
  return text.replace(/^(error: unknown option '(?:--[^=\n]*(?==)|-[^-]))[\s\S]+'/, "$1…'");
}
