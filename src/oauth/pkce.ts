/** Proof Key for Code Exchange, S256 alone. RFC 7636; RFC 9700 §2.1.1. */
import { equalInConstantTime } from '../lib/constant-time.ts';
import { sha256 } from '../lib/sha256-and-hmac.ts';

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/** RFC 7636 §4.2: the base64url of a SHA-256 is 43 characters. */
export function isCodeChallenge(text: string): boolean {
  return CHALLENGE.test(text);
}

/** RFC 7636 §4.1 */
export function isCodeVerifier(text: string): boolean {
  return VERIFIER.test(text);
}

/** RFC 7636 §4.6, of a well-formed one. */
export function provesChallenge(code_verifier: string, code_challenge: string): boolean {
  return equalInConstantTime(challengeOf(code_verifier), code_challenge);
}

/** RFC 7636 §4.2, S256 */
export function challengeOf(code_verifier: string): string {
  return sha256(code_verifier);
}
