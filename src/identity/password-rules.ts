/** What a password must be. NIST SP 800-63B-4 §3.1.1.2: length and a blocklist, no composition rules. */
import { guessedPasswords } from './guessed-passwords.ts';

/** Longer ones are refused before they are hashed. */
export const LONGEST_PASSWORD = 1024;

/** As it is hashed and compared: NFC, nothing trimmed or cut. */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

export interface PasswordContext {
  readonly minimumLength: number;
  /** Words that make it guessable here: the username, the e-mail address, the host. */
  readonly words: readonly string[];
}

/** Why a new password is refused, or undefined. */
export function findPasswordFault(
  password: string,
  context: PasswordContext,
): 'short' | 'long' | 'common' | undefined {
  const normal = normalisePassword(password);
  const length = [...normal].length;
  if (length < context.minimumLength) return 'short';
  if (normal.length > LONGEST_PASSWORD) return 'long';
  return isCommon(normal.toLowerCase(), context.words) ? 'common' : undefined;
}

/** On the list, or made of nothing but a listed or local word over and over. */
function isCommon(lower: string, words: readonly string[]): boolean {
  if (guessedPasswords.has(lower)) return true;
  if (new Set(lower).size <= 2) return true;
  const local = words.map((word) => word.toLowerCase()).filter((word) => word.length >= 3);
  const rest = local.reduce((left, word) => left.replaceAll(word, ''), lower).replace(/[\d\s!?._-]/g, '');
  return rest.length < 4 || isRepeated(lower);
}

function isRepeated(lower: string): boolean {
  const match = /^(.{1,12}?)\1+$/u.exec(lower);
  return match !== null && ((match[1] ?? '').length <= 4 || guessedPasswords.has(match[1] ?? ''));
}
