/** An option that is given twice: all values count, or it is refused. By default commander silently uses the last one. */
import type { Command } from 'commander';

/** The parser of an option that may be repeated: collects all values. */
export function eachValue(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** The parser of an option whose value is a space-separated list: joins all values. */
export function allWords(value: string, previous: string | undefined): string {
  return previous === undefined ? value : `${previous} ${value}`;
}

const REPEATABLE: readonly unknown[] = [eachValue, allWords];

/**
 * Makes it a usage error to give one option of this command twice. Options that are parsed by eachValue or allWords may
 * be repeated.
 */
export function refuseRepeated(command: Command): void {
  for (const option of command.options) {
    if (REPEATABLE.includes(option.parseArg)) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' is given twice, and may be given once`);
      isGiven = true;
    });
  }
}
