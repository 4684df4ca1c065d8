import { expect, it } from 'vitest';
import { BEARER, tokenChallenge } from '../../src/oauth/token-challenge.ts';

it('RFC 6750 §3.1 who showed no token learns no error', () => {
  expect(tokenChallenge()).toBe('Bearer realm="gatehouse"');
  expect(tokenChallenge(undefined, 'DPoP')).toBe('DPoP realm="gatehouse"');
});

it('RFC 6750 §3 an error is named, with its sentence where it has one', () => {
  expect(tokenChallenge({ error: 'invalid_token' })).toBe(
    `${BEARER} realm="gatehouse", error="invalid_token"`,
  );
  expect(tokenChallenge({ error: 'insufficient_scope', description: 'openid is needed' }, 'DPoP')).toBe(
    'DPoP realm="gatehouse", error="insufficient_scope", error_description="openid is needed"',
  );
});

it('RFC 6749 §5.2 a sentence ends neither its quotes nor the header', () => {
  const challenge = tokenChallenge({ error: 'invalid_token', description: 'a "b" \\ c\r\nSet-Cookie: d é' });
  expect(challenge).toMatch(/^Bearer realm="gatehouse", error="invalid_token", error_description="[^"\\]*"$/);
  expect(challenge).toMatch(/^[\x20-\x7e]*$/);
});
