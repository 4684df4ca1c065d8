/** PKCE, S256 alone. RFC 7636 */
import { describe, expect, it } from 'vitest';
import { challengeOf, isCodeChallenge, isCodeVerifier, provesChallenge } from '../../src/oauth/pkce.ts';

/** RFC 7636 appendix B */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('a code_challenge', () => {
  it('Z14 is the SHA-256 of the verifier in base64url, as in RFC 7636 appendix B', () => {
    expect(challengeOf(VERIFIER)).toBe(CHALLENGE);
    expect(challengeOf('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  });

  it('Z14 has 43 characters of base64url, no more and no fewer', () => {
    expect(isCodeChallenge(CHALLENGE)).toBe(true);
    expect(isCodeChallenge('-'.repeat(43))).toBe(true);
    expect(isCodeChallenge('_'.repeat(43))).toBe(true);
    for (const text of ['', CHALLENGE.slice(1), `${CHALLENGE}A`, `${CHALLENGE}=`, `${CHALLENGE}\n`])
      expect(isCodeChallenge(text), JSON.stringify(text)).toBe(false);
    for (const character of ['+', '/', '=', '.', '~', ' ', '\n', 'ü', '%'])
      for (const text of [CHALLENGE.slice(1) + character, character + CHALLENGE.slice(1)])
        expect(isCodeChallenge(text), JSON.stringify(text)).toBe(false);
  });
});

describe('a code_verifier', () => {
  it.each([
    [42, false],
    [43, true],
    [44, true],
    [127, true],
    [128, true],
    [129, false],
  ])('T7 A021 of %i characters: %s', (length, isOne) => {
    expect(isCodeVerifier('a'.repeat(length))).toBe(isOne);
  });

  it('T7 A021 holds unreserved characters alone (RFC 3986 §2.3)', () => {
    const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
    expect(isCodeVerifier(unreserved)).toBe(true);
    const others = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => !unreserved.includes(character),
    );
    expect(others).toHaveLength(256 - unreserved.length);
    for (const character of others) {
      const at = [`${character}${VERIFIER}`, `${VERIFIER}${character}`, VERIFIER.replace('-', character)];
      expect(at.filter(isCodeVerifier), JSON.stringify(character)).toEqual([]);
    }
  });
});

describe('a verifier proves', () => {
  it('T7 its own challenge', () => {
    expect(provesChallenge(VERIFIER, CHALLENGE)).toBe(true);
  });

  it('T7 A021 no other: one of another case, a part of it, more than it, nothing, or itself', () => {
    for (const challenge of [
      CHALLENGE.toLowerCase(),
      CHALLENGE.slice(0, -1),
      `${CHALLENGE}=`,
      '',
      VERIFIER,
      challengeOf(CHALLENGE),
    ])
      expect(provesChallenge(VERIFIER, challenge), challenge).toBe(false);
    expect(provesChallenge(CHALLENGE, CHALLENGE)).toBe(false);
    expect(provesChallenge(VERIFIER.toLowerCase(), CHALLENGE)).toBe(false);
  });
});
