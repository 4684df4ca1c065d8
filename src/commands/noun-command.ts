/** Builds the subcommands of a noun of the admin table. */
import { Command, Option } from 'commander';
import type { z } from 'zod';
import type { Flag, Noun, Verb } from '../admin-commands/noun-and-verb-types.ts';
import type { Printed } from '../admin-commands/verb-output-types.ts';
import { Part, WithNotice } from '../admin-commands/verb-output-types.ts';
import { isRefusal, type Refusal } from '../lib/outcome.ts';
import { faultWords, secretFaultWords } from '../lib/zod-messages.ts';
import { allWords, eachValue } from './collect-or-refuse-repeated-options.ts';
import { CommandError, type ExitCode } from './command-error.ts';
import { withGatehouse, withNewGatehouse } from './open-or-create-gatehouse.ts';
import { print, say, shown } from './print.ts';
import { readJsonFile } from './read-json-file.ts';
import { readSecret } from './read-secret.ts';

const EXIT_CODES: Readonly<Record<string, ExitCode>> = { not_found: 3, conflict: 4, usage: 2 };

/** The command `gatehouse <noun>` with one subcommand for each verb of the noun. */
export function nounCommand(noun: Noun): Command {
  const command = new Command(noun.name).description(noun.summary);
  for (const verb of noun.verbs) command.addCommand(verbCommand(verb));
  return command;
}

function verbCommand(verb: Verb): Command {
  const command = new Command(verb.name).description(verb.summary).option('--json', 'print one JSON value');
  const { argument } = verb;
  if (argument !== undefined)
    command.argument(
      verb.input.shape[argument]?.safeParse(undefined).success ? `[${argument}]` : `<${argument}>`,
    );
  for (const flag of verb.flags ?? []) command.addOption(optionOf(flag));
  command.action(async (...given: unknown[]) => {
    const argumentText = argument === undefined ? undefined : (given[0] as string | undefined);
    await runVerb(verb, command, argumentText);
  });
  return command;
}

function optionOf({ flag, kind, sentence }: Flag): Option {
  if (kind === 'switch' || kind === 'secret') return new Option(`--${flag}`, sentence);
  if (kind === 'list') return new Option(`--${flag} <value>`, sentence).argParser(eachValue);
  if (kind === 'words') return new Option(`--${flag} <value>`, sentence).argParser(allWords);
  return new Option(`--${flag} <${kind === 'file' ? 'file' : 'value'}>`, sentence);
}

async function runVerb(verb: Verb, command: Command, argumentText: string | undefined): Promise<void> {
  const options = command.optsWithGlobals<Record<string, unknown>>();
  const written: Record<string, unknown> = {};
  if (verb.argument !== undefined && argumentText !== undefined) written[verb.argument] = argumentText;
  for (const flag of verb.flags ?? []) {
    const value = await readFlag(verb, flag, options[attributeOf(flag)]);
    if (value !== undefined) written[flag.member] = value;
  }
  const parsed = verb.input.safeParse(written, { error: wordsFor(verb, written) });
  if (!parsed.success) throw usageError(verb, parsed.error.issues[0]);
  const outcome = await act(verb, options.config as string | undefined, parsed.data);
  if (isRefusal(outcome)) throw refused(outcome);
  printOutcome(outcome, options.json === true);
}

function act(verb: Verb, configFile: string | undefined, input: Record<string, unknown>): Promise<Printed> {
  if (verb.runWithoutDatabase) return verb.runWithoutDatabase(input);
  const open = verb.begins ? withNewGatehouse : withGatehouse;
  return open(configFile, (gatehouse) => verb.run(gatehouse, input));
}

/** Sentences and warnings go to standard error, so that the JSON output stays one value. */
function printOutcome(outcome: unknown, asJson: boolean): void {
  const hasMessage = outcome instanceof Part || outcome instanceof WithNotice;
  print(hasMessage ? outcome.value : outcome, asJson);
  if (outcome instanceof WithNotice) say(shown(outcome.sentence));
  if (outcome instanceof Part && outcome.warning !== undefined) say(shown(outcome.warning));
  if (outcome instanceof Part && outcome.rest !== undefined) say(`there is more: ${outcome.rest}`);
}

/** A required secret is read from standard input even where its flag was not given. */
async function readFlag(verb: Verb, flag: Flag, option: unknown): Promise<unknown> {
  if (flag.kind === 'secret') {
    const needed = verb.input.shape[flag.member]?.safeParse(undefined).success === false;
    return option === true || needed ? readSecret(flag.member) : undefined;
  }
  return flag.kind === 'file' && typeof option === 'string' ? readJsonFile(option) : option;
}

/** The name that commander gives to the option: keep-old-seconds → keepOldSeconds. */
function attributeOf({ flag }: Flag): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function usageError(verb: Verb, issue: z.core.$ZodIssue | undefined): CommandError {
  const member = String(issue?.path[0] ?? '');
  const flag = flagOf(verb, member);
  return new CommandError(2, `${flag ? `--${flag.flag}` : member}: ${issue?.message}`);
}

function wordsFor(verb: Verb, written: Record<string, unknown>): z.core.$ZodErrorMap {
  const words = faultWords(written);
  return (issue) => {
    const flag = flagOf(verb, String(issue.path?.[0] ?? ''));
    return flag?.kind === 'secret' ? secretFaultWords(issue) : words(issue);
  };
}

const flagOf = ({ flags = [] }: Verb, member: string) => flags.find((flag) => flag.member === member);

function refused(refusal: Refusal): CommandError {
  return new CommandError(EXIT_CODES[refusal.error] ?? 1, shown(refusal.description));
}
