/** Access in words: what the command line shows, and what the events of a consent say. */
import { expect, it } from 'vitest';
import { accessTo, NO_ACCESS, union } from '../../../src/oauth/access/access-set-operations.ts';
import { describeAccess, detailsOfAccess } from '../../../src/oauth/access/describe-access-for-operators.ts';
import { claimsNamed } from '../../../src/oauth/access/members/individual-claims.ts';
import { API, full } from './access-value.ts';

it('access is shown to the operator, and recorded in the audit as text and without the resources', () => {
  expect(describeAccess(full)).toEqual({ scope: 'openid email', resources: [API], claims: ['name'] });
  expect(describeAccess(NO_ACCESS)).toEqual({ scope: '', resources: [] });
  expect(detailsOfAccess(union(full, accessTo({ claims: claimsNamed(['nickname']) })))).toEqual({
    scope: 'openid email',
    claims: 'name nickname',
  });
  expect(detailsOfAccess(accessTo({ scope: ['openid'] }))).toEqual({ scope: 'openid' });
});
