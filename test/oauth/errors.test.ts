/** The errors of the protocol. RFC 6749 §5.2 */
import { describe, expect, it } from 'vitest';
import { refuse } from '../../src/lib/outcome.ts';
import { descriptionText, OAuthError, throwRefusal } from '../../src/oauth/errors.ts';

describe('error_description', () => {
  it('holds the characters of RFC 6749 §5.2 and no other', () => {
    for (let code = 0; code < 0x250; code += 1) {
      const text = descriptionText(`a${String.fromCharCode(code)}b`);
      expect(text, String(code)).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
    }
    expect(descriptionText('say "x" \\ 🔑')).toMatch(/^say 'x' \? \?+$/);
    expect(descriptionText('RFC 6749 §5.2')).toBe('RFC 6749 section 5.2');
    expect(descriptionText('as it is: [a]^_`{|}~!#$')).toBe('as it is: [a]^_`{|}~!#$');
  });
});

describe('an error', () => {
  it.each([
    ['invalid_request', 400],
    ['invalid_client', 401],
    ['invalid_grant', 400],
    ['invalid_token', 401],
    ['insufficient_scope', 403],
    ['server_error', 500],
    ['temporarily_unavailable', 503],
  ] as const)('%s is %i, unless it says another status', (error, status) => {
    expect(new OAuthError(error, 'malformed_request', 'what').status).toBe(status);
    expect(new OAuthError(error, 'malformed_request', 'what', { status: 413 }).status).toBe(413);
  });

  it('of a refusal keeps all members of the refusal', () => {
    const refusal = {
      ...refuse('invalid_grant', 'malformed_request', 'what'),
      about: { client_id: 'app' },
      retryAfterSeconds: 7,
    };
    const thrown = () => throwRefusal(refusal);
    expect(thrown).toThrow(OAuthError);
    expect(thrown).toThrow(
      expect.objectContaining({
        error: 'invalid_grant',
        reason: 'malformed_request',
        description: 'what',
        message: 'what',
        status: 400,
        about: { client_id: 'app' },
        retryAfterSeconds: 7,
        isRecorded: false,
      }),
    );
    expect(() => throwRefusal(refuse('invalid_grant', 'malformed_request', 'what'), { status: 429 })).toThrow(
      expect.objectContaining({ status: 429, about: undefined, retryAfterSeconds: undefined }),
    );
  });
});
