/** The rules for passwords. NIST SP 800-63B-4 §3.1.1.2: length and a blocklist, no composition rules. */
import { type Checked, PASSED } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import { guessedPasswords } from './password-blocklist.ts';

/** In code points, after NFC. Longer ones are refused before they are hashed. */
export const LONGEST_PASSWORD = 1024;

/** The form that is hashed and compared: NFC, nothing trimmed or cut. */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

/** Whether it is longer than any password may be. NFC shortens a text to a quarter at most. */
export function isOversized(password: string): boolean {
  if (password.length > 4 * LONGEST_PASSWORD) return true;
  return [...normalisePassword(password)].length > LONGEST_PASSWORD;
}

export interface PasswordContext {
  readonly minimumLength: number;
  /** Words that make it guessable: the username, the e-mail address, the host. */
  readonly words: readonly string[];
}

export type PasswordFault = 'short' | 'long' | 'common';

/** The reasons in the audit and the log. */
export const passwordReasons = {
  short: 'password_short',
  long: 'password_long',
  common: 'password_common',
} as const satisfies Record<PasswordFault, Reason>;

/** Whether a new password is accepted, or why not. */
export function checkPasswordRules(password: string, context: PasswordContext): Checked<PasswordFault> {
  if (isOversized(password)) return 'long';
  const normal = normalisePassword(password);
  if ([...normal].length < context.minimumLength) return 'short';
  return isCommon(normal.toLowerCase(), context.words) ? 'common' : PASSED;
}

const SHORTEST_CORE = 4;
const LONGEST_UNIT = 12;

/** The text without the digits and signs before and after it. */
function coreOf(lower: string): string {
  return lower.replace(/^\P{L}+/u, '').replace(/(?<!\P{L})\P{L}+$/u, '');
}

const guessedCores: ReadonlySet<string> = new Set(
  [...guessedPasswords].map(coreOf).filter((core) => core.length >= SHORTEST_CORE),
);

/** Whether it is on the list, with or without digits and signs around it, is a simple pattern, or consists of local words. */
function isCommon(lower: string, words: readonly string[]): boolean {
  if (guessedPasswords.has(lower) || guessedCores.has(coreOf(lower))) return true;
  return isRepeated(lower) || isSequence(lower) || isMadeOf(lower, words);
}

/** Whether it consists of two characters in any order, or repeats a short text or a listed word. */
function isRepeated(lower: string): boolean {
  if (new Set(lower).size <= 2) return true;
  const unit = repeatedIn([...lower]);
  return unit !== undefined && (unit.length <= 4 || guessedPasswords.has(unit));
}

/** The shortest text, of at most twelve characters, that is repeated to make the whole; undefined where there is none. */
function repeatedIn(characters: readonly string[]): string | undefined {
  for (let length = 1; length <= Math.min(LONGEST_UNIT, characters.length / 2); length += 1) {
    if (
      characters.length % length === 0 &&
      characters.every((one, index) => one === characters[index % length])
    )
      return characters.slice(0, length).join('');
  }
  return undefined;
}

/** Whether it is a sequence such as 234567890123456 or zyxwvutsrqponml. */
function isSequence(lower: string): boolean {
  const rows = ['01234567890', 'abcdefghijklmnopqrstuvwxyza'];
  const pairs = [...lower].slice(1).map((character, index) => `${lower[index]}${character}`);
  return [...rows, ...rows.map((row) => [...row].reverse().join(''))].some((row) =>
    pairs.every((pair) => row.includes(pair)),
  );
}

/** Whether it consists only of the words that attackers try first here, digits and signs. */
function isMadeOf(lower: string, words: readonly string[]): boolean {
  const local = words
    .map((word) => word.toLowerCase())
    .filter((word) => word.length >= 3)
    .sort((left, right) => right.length - left.length);
  const rest = local.reduce((left, word) => left.replaceAll(word, ''), lower);
  return rest !== lower && [...rest.replace(/[\d\s\p{P}\p{S}]/gu, '')].length < 4;
}
