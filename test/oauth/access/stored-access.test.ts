/** Access as the one text that is stored of it. What was stored before it was one: test/storage/access.test.ts */
import { expect, it } from 'vitest';
import { accessTo, NO_ACCESS } from '../../../src/oauth/access/access-set-operations.ts';
import {
  jsonOfAccess,
  parseAccess,
  readAccess,
  writeAccess,
} from '../../../src/oauth/access/stored-access.ts';
import { API, full } from './access-value.ts';

it('access is the same text for the same access, without the members that have nothing', () => {
  expect(writeAccess(full)).toBe(
    '{"scope":["openid","email"],"resources":["https://api.example.com"],"claims":["name"]}',
  );
  expect(writeAccess(accessTo({ claims: full.claims, scope: full.scope }))).toBe(
    '{"scope":["openid","email"],"claims":["name"]}',
  );
  expect(writeAccess(NO_ACCESS)).toBe('{}');
});

it('access is read as it was written, and what is not there is nothing', () => {
  expect(parseAccess(writeAccess(full))).toEqual(full);
  expect(parseAccess('{}')).toEqual(NO_ACCESS);
  expect(parseAccess('{"scope":["openid"],"toys":["a"]}')).toEqual(accessTo({ scope: ['openid'] }));
});

it('as a part of other JSON it is the same as in its text', () => {
  expect(jsonOfAccess(full)).toEqual({ scope: ['openid', 'email'], resources: [API], claims: ['name'] });
  expect(jsonOfAccess(accessTo({ resources: [API] }))).toEqual({ resources: [API] });
  expect(readAccess(jsonOfAccess(full))).toEqual(full);
  expect(readAccess({})).toEqual(NO_ACCESS);
});

it('OpenID Connect Core §5.5 a claim keeps where it goes and with which value', () => {
  const placed = accessTo({ claims: [{ name: 'email', userinfo: { value: 'a@example.com' } }] });
  expect(writeAccess(placed)).toBe('{"claims":{"userinfo":{"email":{"value":"a@example.com"}}}}');
  expect(parseAccess(writeAccess(placed))).toEqual(placed);
});
