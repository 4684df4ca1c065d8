/** The profiles that a client may have from now on. */
import { expect, it } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { checkProfile } from '../../../src/oauth/clients/check-profile-name.ts';

const reasonOf = (outcome: unknown) => (isRefusal(outcome) ? outcome.reason : outcome);

it('a profile is one that there is, and that is whole unless the operator takes it unfinished', () => {
  const whole = { unfinished_profiles: false };
  expect(checkProfile('oidc', whole)).toBe('oidc');
  expect(reasonOf(checkProfile('fapi2', whole))).toBe('profile_not_whole');
  expect(checkProfile('fapi2', { unfinished_profiles: true })).toBe('fapi2');
  for (const name of ['', 'OIDC', 'constructor'])
    expect(reasonOf(checkProfile(name, { unfinished_profiles: true })), name).toBe('unknown_profile');
});
