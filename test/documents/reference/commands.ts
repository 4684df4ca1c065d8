/** docs/reference/commands.md: every command with its options, as the command line itself has them. */
import type { Argument, Command, Option } from 'commander';
import { nouns } from '../../../src/admin-commands/index.ts';
import type { Verb } from '../../../src/admin-commands/noun-and-verb-types.ts';
import { createProgram } from '../../../src/commands/run.ts';
import { code, page, table } from './markdown.ts';

const TEXT = `\`gatehouse\` is the command of [Run it in production](../how-to/production.md#commands); in the folder of a checkout it
is \`npx gatehouse\`. Data goes to standard output, everything else to standard error. Secrets come from standard input or a file,
never from an argument; a new one is printed once. Commands work while the server runs, unless they say otherwise.`;

const EXIT_CODES = table(
  ['exit code', ''],
  [
    ['0', 'done'],
    ['1', 'failed, or a value was refused: a name, an address, a password, the metadata of a client'],
    [
      '2',
      'usage: the line is none: an option or an argument that there is not, or options that do not go together',
    ],
    ['3', 'not found'],
    ['4', 'something is in the way: a name that is taken, a file that is there, a server that runs'],
    ['130', 'stopped by Ctrl+C, as shells have it (128 and the number of the signal)'],
  ],
);

/** The page. */
export function commandsPage(): string {
  const program = createProgram();
  return page(
    'Commands',
    TEXT,
    EXIT_CODES,
    'For every command:',
    optionsOf(program),
    ...program.commands.flatMap((command) => sectionsOf(command)),
  );
}

/** A command with commands below it, or one that does something itself. */
function sectionsOf(command: Command): string[] {
  const heading = `## ${code(nameOf(command))}`;
  if (command.commands.length === 0) return [heading, ...partsOf(command)];
  const below = command.commands.flatMap((verb) => [`### ${code(nameOf(verb))}`, ...partsOf(verb)]);
  return [heading, sentence(command.description()), ...below];
}

function partsOf(command: Command): string[] {
  const options = optionsOf(command, verbOf(command));
  return [sentence(command.description()), ...(options === '' ? [] : [options])];
}

function optionsOf(command: Command, verb?: Verb): string {
  const rows = [
    ...command.registeredArguments.map((argument) => argumentRow(argument)),
    ...command.options.filter((option) => !option.hidden).map((option) => optionRow(option, verb)),
  ];
  return rows.length === 0 ? '' : table(['', ''], rows);
}

function argumentRow(argument: Argument): readonly string[] {
  return [code(written(argument)), argument.description];
}

const written = (argument: Argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`);

function optionRow(option: Option, verb: Verb | undefined): readonly string[] {
  const needed = option.mandatory || isNeeded(option, verb) ? 'needed; ' : '';
  const preset = option.defaultValue === undefined ? '' : ` (default: ${String(option.defaultValue)})`;
  return [code(option.flags), `${needed}${option.description}${preset}`];
}

/** Whether the verb's own schema takes no input without it. */
function isNeeded(option: Option, verb: Verb | undefined): boolean {
  const flag = verb?.flags?.find(({ flag: name }) => option.long === `--${name}`);
  return flag !== undefined && verb?.input.shape[flag.member]?.safeParse(undefined).success === false;
}

function verbOf(command: Command): Verb | undefined {
  const noun = nouns.find(({ name }) => name === command.parent?.name());
  return noun?.verbs.find(({ name }) => name === command.name());
}

function nameOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  return [...names, ...command.registeredArguments.map(written)].join(' ');
}

function sentence(text: string): string {
  const [first = ''] = text;
  return `${first.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
