/** What a password must be. NIST SP 800-63B-4 §3.1.1.2: length and a blocklist, no composition rules. */
import type { Reason } from '../../lib/reason.ts';
import { guessedPasswords } from './guessed-passwords.ts';

/** In code points, after NFC. Longer ones are refused before they are hashed. */
export const LONGEST_PASSWORD = 1024;

/** As it is hashed and compared: NFC, nothing trimmed or cut. */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

/** Too long to be anybody's password. Composing shortens a text to a quarter at most. */
export function isOversized(password: string): boolean {
  if (password.length > 4 * LONGEST_PASSWORD) return true;
  return [...normalisePassword(password)].length > LONGEST_PASSWORD;
}

export interface PasswordContext {
  readonly minimumLength: number;
  /** Words that make it guessable here: the username, the e-mail address, the host. */
  readonly words: readonly string[];
}

export type PasswordFault = 'short' | 'long' | 'common';

/** What the audit and the log call it. */
export const passwordReasons = {
  short: 'password_short',
  long: 'password_long',
  common: 'password_common',
} as const satisfies Record<PasswordFault, Reason>;

/** Why a new password is refused, or undefined. */
export function findPasswordFault(password: string, context: PasswordContext): PasswordFault | undefined {
  if (isOversized(password)) return 'long';
  const normal = normalisePassword(password);
  if ([...normal].length < context.minimumLength) return 'short';
  return isCommon(normal.toLowerCase(), context.words) ? 'common' : undefined;
}

const SHORTEST_CORE = 4;
const LONGEST_UNIT = 12;

/** Without the digits and signs around it. */
function coreOf(lower: string): string {
  return lower.replace(/^\P{L}+/u, '').replace(/(?<!\P{L})\P{L}+$/u, '');
}

const guessedCores: ReadonlySet<string> = new Set(
  [...guessedPasswords].map(coreOf).filter((core) => core.length >= SHORTEST_CORE),
);

/** On the list, with or without digits and signs around it, a plain pattern, or made of local words. */
function isCommon(lower: string, words: readonly string[]): boolean {
  if (guessedPasswords.has(lower) || guessedCores.has(coreOf(lower))) return true;
  return isRepeated(lower) || isSequence(lower) || isMadeOf(lower, words);
}

/** Two characters in any order, or a short text or a listed word over and over. */
function isRepeated(lower: string): boolean {
  if (new Set(lower).size <= 2) return true;
  const unit = repeatedIn([...lower]);
  return unit !== undefined && (unit.length <= 4 || guessedPasswords.has(unit));
}

/** The shortest text that the whole is made of, where there is one of at most twelve characters. */
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

/** 234567890123456 or zyxwvutsrqponml. */
function isSequence(lower: string): boolean {
  const rows = ['01234567890', 'abcdefghijklmnopqrstuvwxyza'];
  const pairs = [...lower].slice(1).map((character, index) => `${lower[index]}${character}`);
  return [...rows, ...rows.map((row) => [...row].reverse().join(''))].some((row) =>
    pairs.every((pair) => row.includes(pair)),
  );
}

/** Nothing but the words that everybody would try here, and digits and signs. */
function isMadeOf(lower: string, words: readonly string[]): boolean {
  const local = words
    .map((word) => word.toLowerCase())
    .filter((word) => word.length >= 3)
    .sort((left, right) => right.length - left.length);
  const rest = local.reduce((left, word) => left.replaceAll(word, ''), lower);
  return rest !== lower && [...rest.replace(/[\d\s\p{P}\p{S}]/gu, '')].length < 4;
}
