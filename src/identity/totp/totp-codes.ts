/** Codes of an authenticator app, by its seed. RFC 6238 */
import { Secret, TOTP } from 'otpauth';
import type { Random } from '../../lib/clock-and-random.ts';
import { equalInConstantTime } from '../../lib/constant-time.ts';

/** What every authenticator app supports; some ignore any other value of the link. */
const PARAMETERS = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const STEP_MS = PARAMETERS.period * 1000;

/** RFC 4226 §4 R6 recommends 160 bits. */
const SEED_BYTES = 20;

/** RFC 6238 §5.2: one step of drift each way. */
const DRIFTS = [-1, 0, 1] as const;

/** Longer input is not looked at. */
const LONGEST_TYPED = 32;
const GROUP = /.{1,4}/g;

/** A new seed, base32 as apps show it. RFC 4648 §6 */
export function newSeed(random: Random): string {
  const bytes = new Uint8Array(random.bytes(SEED_BYTES));
  return new Secret({ buffer: bytes.buffer }).base32;
}

/** The seed as a person types it, in groups of four. */
export function groupsOf(seed: string): string {
  return seed.match(GROUP)?.join(' ') ?? '';
}

/** The code of the step, which is a number of 30 seconds since 1970. */
export function codeAt(seed: string, step: number): string {
  return totpOf(seed).generate({ timestamp: step * STEP_MS });
}

/** The step of a time. */
export function stepAt(nowMs: number): number {
  return Math.floor(nowMs / STEP_MS);
}

/**
 * The step, later than `lastStep`, whose code was typed; undefined where there is none at most one step away. Spaces do not
 * matter, nor do digits of full width.
 */
export function stepOfCode(
  seed: string,
  typed: string,
  { nowMs, lastStep }: { readonly nowMs: number; readonly lastStep: number },
): number | undefined {
  if (typed.length > LONGEST_TYPED) return undefined;
  const code = typed.normalize('NFKC').replace(/\s/g, '');
  const now = stepAt(nowMs);
  return DRIFTS.map((drift) => now + drift)
    .filter((step) => step > lastStep)
    .find((step) => equalInConstantTime(code, codeAt(seed, step)));
}

/**
 * The link that an authenticator app reads, as a QR code or on the phone itself. Apps take the text before the first colon
 * for the issuer, so it has none. https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
export function otpauthUrl(seed: string, { issuer, username }: { issuer: string; username: string }): string {
  return new TOTP({
    ...PARAMETERS,
    issuer: issuer.replaceAll(':', ' ').trim(),
    label: username,
    secret: Secret.fromBase32(seed),
  }).toString();
}

function totpOf(seed: string): TOTP {
  return new TOTP({ ...PARAMETERS, secret: Secret.fromBase32(seed) });
}
