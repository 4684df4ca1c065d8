/** Access with something in each member, as a value. */
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import { claimsNamed } from '../../../src/oauth/access/members/individual-claims.ts';

export const API = 'https://api.example.com';
export const full = accessTo({
  scope: ['openid', 'email'],
  resources: [API],
  claims: claimsNamed(['name']),
});
