/** How the access tokens for a resource server are written. RFC 9068 §2.1 */
import { describe, expect, it } from 'vitest';
import { accessTokenForm } from '../../src/oauth/access-token-type-and-algorithm.ts';

describe('an access token', () => {
  it('T17 is an at+jwt of ES256 where nothing else is configured', () => {
    expect(accessTokenForm({})).toEqual({ accessTokenType: 'at+jwt', accessTokenAlg: 'ES256' });
    expect(accessTokenForm({ access_token_type: 'JWT' })).toEqual({
      accessTokenType: 'JWT',
      accessTokenAlg: 'ES256',
    });
  });
});
