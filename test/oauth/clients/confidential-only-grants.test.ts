import { expect, it } from 'vitest';
import { findConfidentialGrant } from '../../../src/oauth/clients/confidential-only-grants.ts';
import { clientOf, operatorsRules } from './client-value.ts';

const found = (token_endpoint_auth_method: string, ...grant_types: string[]) =>
  findConfidentialGrant({ ...clientOf().metadata, token_endpoint_auth_method, grant_types }, operatorsRules);

it('RFC 6749 §4.4 a public client may not name what proves nothing but the client', () => {
  expect(found('none', 'client_credentials')).toBe('client_credentials');
  expect(found('none', 'authorization_code', 'client_credentials')).toBe('client_credentials');
});

it('a public client may name the grants of people, and a confidential one all', () => {
  expect(found('none', 'authorization_code', 'refresh_token')).toBeUndefined();
  expect(found('none', 'unknown')).toBeUndefined();
  for (const method of ['client_secret_basic', 'private_key_jwt'])
    expect(found(method, 'client_credentials'), method).toBeUndefined();
});
