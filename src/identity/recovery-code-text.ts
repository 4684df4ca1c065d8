/** Recovery codes as text: made, as people type them, and as they are stored. NIST SP 800-63B-4 §3.1.2, §4.2.1.1 */
import type { Random } from '../lib/clock-and-random.ts';
import { sha256 } from '../lib/sha256-and-hmac.ts';

/** https://www.crockford.com/base32.html: without letters that are taken for digits, in 32 of which a byte has five bits. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * 24 characters are 120 random bits: from 112 on a plain hash suffices (ASVS V6.5.2), so that a code is found by its hash and
 * guesses cost the server nothing. Fewer would need ten slow hashes for each guess.
 */
const LENGTH = 24;
const FORMAT = /^[0-9A-HJKMNP-TV-Z]{24}$/;
const GROUP = /.{4}/g;

/** Longer input is not looked at. */
const LONGEST_TYPED = 64;

/** A new code, in groups of four. */
export function newRecoveryCode(random: Random): string {
  const characters = Array.from(random.bytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return characters.match(GROUP)?.join('-') ?? '';
}

/** What is stored of a typed code; undefined for a text that cannot be one. Case, hyphens and spaces do not matter. */
export function hashOfRecoveryCode(typed: string): string | undefined {
  if (typed.length > LONGEST_TYPED) return undefined;
  const code = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return FORMAT.test(code) ? sha256(code) : undefined;
}
