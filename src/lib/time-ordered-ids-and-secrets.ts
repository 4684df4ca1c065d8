/**
 * Time-ordered identifiers and opaque values: the milliseconds in nine base32hex characters, then random characters.
 * Rows with such keys are always inserted at the end of the index, however many there are (decision 0022).
 */

import type { Clock, Random } from './clock-and-random.ts';
import { sha256 } from './sha256-and-hmac.ts';

const PREFIX_LENGTH = 9;
const IDENTIFIER_BYTES = 20;
const LABEL_BYTES = 10;
const SECRET_BYTES = 32;

/** The last prefix is kept: a busy server makes dozens of keys in one millisecond. */
let last = { ms: 0, prefix: prefixOf(0) };

/** The first characters of every key made at `ms`; keys made earlier sort before it. */
export function timePrefix(ms: number): string {
  if (ms !== last.ms) last = { ms, prefix: prefixOf(ms) };
  return last.prefix;
}

function prefixOf(ms: number): string {
  return Math.max(0, ms).toString(32).padStart(PREFIX_LENGTH, '0');
}

/** The time, in milliseconds, at which a key that begins with {@link timePrefix} was made. */
export function timeOf(key: string): number {
  return Number.parseInt(key.slice(0, PREFIX_LENGTH), 32);
}

/** A public identifier (grant_id, sub, client_id): time prefix + 160 random bits, 36 characters of [A-Za-z0-9_-]. */
export function newIdentifier(clock: Clock, random: Random): string {
  return timePrefix(clock.nowMs()) + random.bytes(IDENTIFIER_BYTES).toString('base64url');
}

/** Distinguishes rows or requests; not a secret: time prefix + 80 random bits, 23 characters. */
export function newLabel(clock: Clock, random: Random): string {
  return timePrefix(clock.nowMs()) + random.bytes(LABEL_BYTES).toString('base64url');
}

/** A secret value (code, session id, client secret): time prefix + 256 random bits, 52 characters. RFC 6749 §10.10 */
export function newSecretValue(clock: Clock, random: Random): string {
  return timePrefix(clock.nowMs()) + random.bytes(SECRET_BYTES).toString('base64url');
}

const SECRET_VALUE = /^[0-9a-v]{9}[A-Za-z0-9_-]{43}$/;

/** Whether the text has the form of a {@link newSecretValue}; any other text need not be looked up. */
export function isSecretValue(text: string): boolean {
  return SECRET_VALUE.test(text);
}

/** The key under which a secret value is stored: its time prefix and its SHA-256, never the value. */
export function storageKey(value: string): string {
  return value.slice(0, PREFIX_LENGTH) + sha256(value);
}
