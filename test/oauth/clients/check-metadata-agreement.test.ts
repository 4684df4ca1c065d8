/** What client metadata must agree on with itself and with this server, and which of two faults is told. RFC 7591 §2 */
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { clientSecretBasic } from '../../../src/oauth/clients/authentication/client-secret-basic.ts';
import { checkAgreement } from '../../../src/oauth/clients/check-metadata-agreement.ts';
import type { ClientMetadata, MetadataRules } from '../../../src/oauth/clients/metadata-shape.ts';
import { clientOf, operatorsRules } from './client-value.ts';

const { metadata } = clientOf();
const PUBLIC = { token_endpoint_auth_method: 'none' };
const jwks = { keys: [{ kty: 'EC' }] };

function told(changes: Partial<ClientMetadata>, rules: Partial<MetadataRules> = {}): string {
  const checked = checkAgreement({ ...metadata, ...changes }, { ...operatorsRules, ...rules });
  return isRefusal(checked) ? checked.reason : checked;
}

it('metadata that agree are passed', () => {
  expect(told({})).toBe('passed');
  expect(told(PUBLIC)).toBe('passed');
});

it.each<[string, Partial<ClientMetadata>]>([
  ['two_key_sources', { jwks, jwks_uri: 'https://app.example.com/keys' }],
  ['missing_client_keys', { token_endpoint_auth_method: 'private_key_jwt' }],
  ['unknown_auth_method', { token_endpoint_auth_method: 'of_no_table' }],
  ['public_first_party', { ...PUBLIC, first_party: true }],
  ['public_without_pkce', { ...PUBLIC, require_pkce: false }],
  ['public_without_rotation', { ...PUBLIC, refresh_token_rotation: false }],
  ['unknown_grant_type', { grant_types: ['authorization_code', 'password'] }],
  [
    'public_with_confidential_grant',
    { ...PUBLIC, grant_types: ['authorization_code', 'client_credentials'] },
  ],
  ['unknown_response_type', { response_types: ['code', 'token'] }],
  ['inconsistent_types', { response_types: [] }],
  ['inconsistent_types', { grant_types: ['refresh_token'] }],
  ['malformed_scope', { scope: 'open"id' }],
  ['public_resource_server', { ...PUBLIC, resources: ['https://api.example.com'] }],
  ['malformed_resource', { resources: ['https://api.example.com/#a'] }],
  ['malformed_resource', { resources: ['/api'] }],
  ['malformed_resource', { resources: ['https://api.example.com/ü'] }],
  ['malformed_resource', { resources: [`https://api.example.com/${'x'.repeat(1977)}`] }],
  ['malformed_resource', { default_resource: 'api' }],
  ['type_without_resources', { access_token_type: 'JWT' }],
  ['type_without_resources', { access_token_signed_response_alg: 'RS256' }],
  [
    'unclear_sector',
    { subject_type: 'pairwise', redirect_uris: ['https://a.example/', 'https://b.example/'] },
  ],
  ['missing_encryption_key', { id_token_encrypted_response_alg: 'ECDH-ES' }],
])('%s: %j', (reason, changes) => {
  expect(told(changes)).toBe(reason);
});

describe('what is not in that list is good', () => {
  it.each<[string, Partial<ClientMetadata>]>([
    ['a resource of 2,000 characters', { resources: [`https://api.example.com/${'x'.repeat(1976)}`] }],
    [
      'a type of tokens beside resources',
      { access_token_type: 'JWT', resources: ['https://api.example.com'] },
    ],
    ['PKCE left out by a confidential client', { require_pkce: false, refresh_token_rotation: false }],
    ['a pairwise subject of one host', { subject_type: 'pairwise' }],
    ['keys of one source', { token_endpoint_auth_method: 'private_key_jwt', jwks }],
  ])('%s', (_what, changes) => {
    expect(told(changes)).toBe('passed');
  });
});

describe('the profile', () => {
  it('may demand PKCE, and methods that are not offered', () => {
    expect(told({ require_pkce: false }, { profile: 'oauth2.1' })).toBe('profile_demands_pkce');
    expect(told({}, { profile: 'fapi2', authMethods: [clientSecretBasic] })).toBe('profile_not_available');
    expect(told({}, { profile: 'fapi2' })).toBe('unknown_auth_method');
  });
});

it('a client that acts for itself has no scope about a person', () => {
  const service = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
  expect(told({ ...service, scope: 'read email' })).toBe('user_scope');
  expect(told({ ...service, scope: 'read' })).toBe('passed');
});

it('of two faults the one is told that comes first: the addresses, the method, the rest', () => {
  const uris = ['http://app.example.com/cb#x'];
  expect(told({ scope: '"', grant_types: ['password'] })).toBe('unknown_grant_type');
  expect(told({ grant_types: ['password'], token_endpoint_auth_method: 'x' })).toBe('unknown_auth_method');
  expect(told({ token_endpoint_auth_method: 'x', redirect_uris: uris })).toBe('refused_redirect_uri');
});
