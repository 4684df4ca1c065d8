/** What the audit has of a changed client: the names of what changed, and where its codes may go now. */
import { expect, it } from 'vitest';
import { changedMembers } from '../../../src/oauth/clients/changed-members-for-audit.ts';
import { clientOf } from './client-value.ts';

const before = clientOf({ logo_uri: 'https://app.example.com/logo.png' });
const after = (metadata: Record<string, unknown>, profile = before.profile) => ({
  profile,
  metadata: { ...before.metadata, ...metadata },
});

it('names what changed, was added or taken away, in order, and nothing that is the same', () => {
  const { logo_uri, ...others } = before.metadata;
  expect(
    changedMembers(before, { profile: before.profile, metadata: { ...others, client_name: 'Other' } }),
  ).toEqual({
    changed: 'client_name logo_uri',
  });
  expect(changedMembers(before, after({ first_party: true }, 'oauth2.1'))).toEqual({
    changed: 'first_party profile',
  });
  expect(changedMembers(before, after({ grant_types: [...before.metadata.grant_types] }))).toEqual({
    changed: '',
  });
});

it('the redirect URIs are there as they are now, where they changed, and never without end', () => {
  const uris = Array.from({ length: 50 }, (_, index) => `https://app.example.com/${'x'.repeat(90)}${index}`);
  expect(changedMembers(before, after({ redirect_uris: uris.slice(0, 2) })).redirect_uris).toBe(
    `${uris[0]} ${uris[1]}`,
  );
  expect(changedMembers(before, after({ redirect_uris: uris })).redirect_uris).toHaveLength(2000);
  expect(changedMembers(before, after({ redirect_uris: [] }))).toEqual({
    changed: 'redirect_uris',
    redirect_uris: '',
  });
});

it('no value but those is told: a key or an address of the app stays out of the audit', () => {
  const told = changedMembers(
    before,
    after({ jwks_uri: 'https://app.example.com/keys', contacts: ['a@b.example'] }),
  );
  expect(told).toEqual({ changed: 'contacts jwks_uri' });
});
