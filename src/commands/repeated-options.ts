/** An option that is given twice: each counts, or it is refused. Otherwise the last would, and nothing be said of the first. */
import type { Command } from 'commander';

/** For an option that may be repeated: all values. */
export function eachValue(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** For one that is a list in itself, with spaces between: what all of them name. */
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
