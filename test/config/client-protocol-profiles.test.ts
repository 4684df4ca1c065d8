/** What a client of the FAPI 2.0 profile may prove itself with. FAPI 2.0 §5.3.2.1 */
import { expect, it } from 'vitest';
import { profiles } from '../../src/config/client-protocol-profiles.ts';
import { authenticationMethods } from '../../src/oauth/clients/authentication/index.ts';

/** RFC 8705 §2: the key is that of the certificate. */
const CERTIFICATES = ['tls_client_auth', 'self_signed_tls_client_auth'];

it('profile fapi2 names its methods: one without a list takes every method that is added', () => {
  expect(profiles.fapi2.authMethods).toContain('private_key_jwt');
});

it.each(profiles.fapi2.authMethods ?? [])(
  'profile fapi2 takes %s, by which a client shows a private key and no secret',
  (method) => {
    if (CERTIFICATES.includes(method)) return;
    const row = authenticationMethods.find(({ name }) => name === method);
    expect(row).toMatchObject({ credential: 'keys' });
    expect(row?.algorithms?.filter((alg) => alg.startsWith('HS'))).toEqual([]);
  },
);
