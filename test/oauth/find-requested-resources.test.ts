/** Resource indicators. RFC 8707 §2 */
import { describe, expect, it } from 'vitest';
import type { FormMetadata } from '../../src/oauth/access-token-type-and-algorithm.ts';
import {
  findDefaultResource,
  findResource,
  findResources,
  type KnownResources,
  namedResources,
} from '../../src/oauth/find-requested-resources.ts';
import { readParameters } from '../../src/oauth/parameters.ts';

const registered: Readonly<Record<string, string>> = {
  'https://api.example/': 'api',
  'https://other.example/v1': 'other',
  'https://off.example/': 'off',
  'https://gone.example/': 'gone',
  'urn:example:api': 'api',
};
const servers: Readonly<Record<string, { disabled: boolean; metadata: FormMetadata }>> = {
  api: { disabled: false, metadata: {} },
  other: {
    disabled: false,
    metadata: { access_token_type: 'JWT', access_token_signed_response_alg: 'RS256' },
  },
  off: { disabled: true, metadata: {} },
};
/** As the table does: another spelling of an empty path finds the same. */
const known: KnownResources = {
  async resource(uri) {
    const resource = uri === 'https://api.example' ? 'https://api.example/' : uri;
    const client_id = registered[resource];
    return client_id === undefined ? undefined : { resource, client_id };
  },
  find: async (client_id) => servers[client_id],
};
const reasonOf = async (found: Promise<unknown>) => ((await found) as { reason?: string }).reason;

describe('a resource', () => {
  it('T15 is found as it is registered, with the form of its tokens', async () => {
    expect(await findResource(known, 'https://api.example')).toEqual({
      resource: 'https://api.example/',
      accessTokenType: 'at+jwt',
      accessTokenAlg: 'ES256',
    });
    expect(await findResource(known, 'https://other.example/v1')).toEqual({
      resource: 'https://other.example/v1',
      accessTokenType: 'JWT',
      accessTokenAlg: 'RS256',
    });
    expect(await findResource(known, 'urn:example:api')).toMatchObject({ resource: 'urn:example:api' });
  });

  it.each([
    '',
    'api',
    '/v1',
    '//api.example/',
    'https://api.example/#',
    'https://api.example/#a',
    'https://',
    'a b',
  ])('T15 is absolute and has no fragment: %j', async (uri) => {
    expect(await reasonOf(findResource(known, uri))).toBe('malformed_resource');
  });

  it.each([
    'https://nobody.example/',
    'https://off.example/',
    'https://gone.example/',
    'https://api.example/v2',
  ])('T15 is of a client that is enabled: %s', async (uri) => {
    expect(await reasonOf(findResource(known, uri))).toBe('unknown_resource');
  });

  it('that is the default and was removed is reported as for the operator to fix', async () => {
    expect(await reasonOf(findDefaultResource(known, 'https://off.example/'))).toBe(
      'unknown_default_resource',
    );
    expect(await reasonOf(findDefaultResource(known, 'nothing'))).toBe('unknown_default_resource');
    expect(await findDefaultResource(known, 'https://api.example/')).toMatchObject({
      resource: 'https://api.example/',
    });
  });

  it('counts once, however often and in whichever spelling it is named; an unknown one refuses all', async () => {
    expect(await findResources(known, [])).toEqual([]);
    expect(
      await findResources(known, ['https://api.example', 'https://other.example/v1', 'https://api.example/']),
    ).toEqual(['https://api.example/', 'https://other.example/v1']);
    expect(await reasonOf(findResources(known, ['https://api.example/', 'https://off.example/']))).toBe(
      'unknown_resource',
    );
  });
});

describe('what a request names', () => {
  const named = (...pairs: [string, string][]) => namedResources(readParameters(pairs));

  it('is by resource and by audience, and what both say is one', () => {
    expect(named()).toEqual([]);
    expect(named(['resource', 'https://a/'], ['audience', 'https://b/'])).toEqual([
      'https://a/',
      'https://b/',
    ]);
    expect(named(['audience', 'https://a'], ['resource', 'https://a/'])).toEqual(['https://a/']);
    expect(named(['audience', 'https://a/x'], ['resource', 'https://a/'])).toEqual([
      'https://a/',
      'https://a/x',
    ]);
    expect(named(['audience', ''], ['resource', ''])).toEqual([]);
  });
});
