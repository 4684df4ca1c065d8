import { expect, it } from 'vitest';
import { registrationResponse } from '../../../src/oauth/clients/registration-response.ts';
import { clientOf } from './client-value.ts';

it('RFC 7591 §3.2.1 says all that was registered, and a secret with its end where one was made', () => {
  const client = clientOf({}, { createdAtMs: 1_999 });
  const answer = registrationResponse({ client, client_secret: 'secret' });
  expect(answer).toEqual({
    ...client.metadata,
    client_id: 'app',
    client_id_issued_at: 1,
    client_secret: 'secret',
    client_secret_expires_at: 0,
    profile: 'oidc',
    disabled: false,
  });
  const without = registrationResponse({ client });
  for (const member of ['client_secret', 'client_secret_expires_at', 'self_registered'])
    expect(without, member).not.toHaveProperty(member);
});

it('what is stored of the client’s proofs is not in it', () => {
  const hashes = {
    registrationTokenHash: 'token-hash',
    secretHashes: [{ hash: 'a-hash', expiresAtMs: undefined }],
  };
  const answer = registrationResponse({ client: clientOf({}, hashes) });
  expect(answer.self_registered).toBe(true);
  expect(JSON.stringify(answer)).not.toMatch(/-hash|metadataText|epoch/);
});
