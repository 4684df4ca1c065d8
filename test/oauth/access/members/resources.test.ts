import { expect, it } from 'vitest';
import { accessTo, isWithin } from '../../../../src/oauth/access/access-set-operations.ts';
import { detailsOfAccess } from '../../../../src/oauth/access/describe-access-for-operators.ts';
import { resources } from '../../../../src/oauth/access/members/resources.ts';

const API = 'https://api.example.com';

it('RFC 8707 §2 a host with and without a slash behind it is one resource, a path is another', () => {
  expect(resources.isSame(API, `${API}/`)).toBe(true);
  expect(resources.isSame(`${API}/`, API)).toBe(true);
  for (const other of [`${API}/a`, `${API}:444`, 'http://api.example.com', 'https://example.com', ''])
    expect(resources.isSame(API, other), other).toBe(false);
});

it('they are stored and shown as they were registered, and left out of the audit of a consent', () => {
  expect(resources.parse(resources.write([API]))).toEqual([API]);
  expect(resources.describe([API])).toEqual([API]);
  expect(detailsOfAccess(accessTo({ resources: [API] }))).not.toHaveProperty('resources');
});

it('a resource that was not allowed is not within what was', () => {
  expect(isWithin(accessTo({ resources: [`${API}/`] }), accessTo({ resources: [API] }))).toBe(true);
  expect(isWithin(accessTo({ resources: [API] }), accessTo({ scope: [API] }))).toBe(false);
});
