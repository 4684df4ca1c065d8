/** What a request about a registration is answered and refused with. RFC 7591 §3.2 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuse } from '../../../src/lib/outcome.ts';
import type { RegistryRefusal } from '../../../src/oauth/clients/registry-result-and-audit.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';
import {
  accepted,
  selfServed,
  shownToken,
  wrongToken,
} from '../../../src/oauth/requests/registration-token-grants-and-refusals.ts';
import { backChannelRequest } from '../../support/back-channel.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { clientOf } from '../clients/client-value.ts';
import { register } from './register.ts';

let open: TestServer;
beforeAll(async () => {
  open = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
});
afterAll(() => open.stop());

describe('RFC 7591 what is registered', () => {
  it('is answered with 201, every default, and the secrets once', async () => {
    const { status, body, headers } = await register(open, { client_name: 'An app', unknown_member: 1 });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(body).toMatchObject({
      client_name: 'An app',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
      client_secret_expires_at: 0,
      registration_client_uri: `${open.issuer}/register/${body.client_id}`,
    });
    expect(body).not.toHaveProperty('unknown_member');
    const rows = JSON.stringify(await open.gatehouse.db.all('SELECT * FROM clients'));
    expect(rows).not.toContain(body.registration_access_token);
    expect(rows).not.toContain(body.client_secret);
  });

  it('has none of the grants of a client that acts for itself', () => {
    expect(selfServed().map(({ grantType }) => grantType)).toEqual(['authorization_code', 'refresh_token']);
  });
});

describe('what was refused', () => {
  function thrownFor(refusal: RegistryRefusal): [string, string, number] {
    try {
      accepted(refusal);
    } catch (error) {
      if (error instanceof OAuthError) return [error.error, error.reason, error.status];
      throw error;
    }
    throw new Error('nothing was thrown');
  }

  it('RFC 7591 §3.2.2 has one of two codes, by whether it is about a redirect URI', () => {
    for (const code of ['invalid_redirect_uri', 'invalid_client_metadata'] as const)
      expect(thrownFor(refuse(code, 'refused_redirect_uri', 'said'))).toEqual([
        code,
        'refused_redirect_uri',
        400,
      ]);
    expect(thrownFor(refuse('conflict', 'resource_taken', 'said'))).toEqual([
      'invalid_client_metadata',
      'resource_taken',
      400,
    ]);
  });

  it('says too many, a spent token or a client that went meanwhile as what it is', () => {
    expect(thrownFor(refuse('conflict', 'registration_limit', 'said'))).toEqual([
      'temporarily_unavailable',
      'registration_limit',
      429,
    ]);
    expect(thrownFor(refuse('conflict', 'wrong_initial_access_token', 'said'))).toEqual([
      'invalid_token',
      'wrong_initial_access_token',
      401,
    ]);
    expect(thrownFor(refuse('not_found', 'unknown_client', 'said'))).toEqual([
      'invalid_token',
      'wrong_registration_token',
      401,
    ]);
  });

  it('what was registered is given on', () => {
    const registered = { client: clientOf(), client_secret: 'secret' };
    expect(accepted(registered)).toBe(registered);
  });

  it('RFC 6750 §3 a wrong registration access token is challenged', () => {
    expect(wrongToken()).toMatchObject({
      status: 401,
      challenge: expect.stringMatching(/^Bearer .*invalid_token/),
    });
  });
});

it('RFC 6750 §2.1 the token is that of a Bearer header, and none where it is malformed', () => {
  const shown = (authorization?: string) =>
    shownToken(backChannelRequest({ headers: authorization === undefined ? {} : { authorization } }));
  expect(shown('Bearer abc')).toBe('abc');
  expect(shown('bearer abc')).toBe('abc');
  for (const none of [undefined, '', 'Bearer', 'Bearer a b', 'Basic abc', 'Bearer ä'])
    expect(shown(none), none).toBeUndefined();
});
