import { expect, it } from 'vitest';
import { furtherAlgorithmsOf } from '../../../src/oauth/clients/further-signing-algorithms-of-client.ts';

it('keys are needed for what ID tokens and userinfo are signed with, each once', () => {
  expect(furtherAlgorithmsOf({ id_token_signed_response_alg: 'PS256' })).toEqual(['PS256']);
  expect(furtherAlgorithmsOf({ userinfo_signed_response_alg: 'EdDSA' })).toEqual(['EdDSA']);
  const both = { id_token_signed_response_alg: 'PS256', userinfo_signed_response_alg: 'PS256' } as const;
  expect(furtherAlgorithmsOf(both)).toEqual(['PS256']);
});

it('those that are there always need none, nor does what the client itself signs with', () => {
  const standing = { id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'RS256' } as const;
  expect(furtherAlgorithmsOf(standing)).toEqual([]);
  expect(furtherAlgorithmsOf({ token_endpoint_auth_signing_alg: 'EdDSA' })).toEqual([]);
  expect(furtherAlgorithmsOf({})).toEqual([]);
});
