import { expect, it } from 'vitest';
import { addressBucket } from '../../src/lib/address-bucket.ts';
import { isPublic } from '../../src/lib/ip-address-checks.ts';

it('A106 public is what is given out to anybody, and stands for nothing else', () => {
  for (const address of ['8.8.8.8', '::ffff:8.8.8.8', '2001:4860:4860::8888', '2a00:1450:4001::1'])
    expect(isPublic(address), address).toBe(true);
  for (const address of [
    '::7f00:1',
    '::8.8.8.8',
    '4000::1',
    '2002:808:808::',
    '2001:db8::1',
    '127.0.0.1',
    'x',
  ])
    expect(isPublic(address), address).toBe(false);
});

it('A068 IPv4 that was translated to IPv6 is told apart as IPv4; other IPv6 by its /64', () => {
  expect(addressBucket('64:ff9b::cb00:7109')).toBe('203.0.113.9');
  expect(addressBucket('64:ff9b::c633:6442')).toBe('198.51.100.66');
  expect(addressBucket('64:ff9b:1::1')).toBe('64:ff9b:1:0::/64');
  expect(addressBucket('2001:db8::1')).toBe(addressBucket('2001:db8::ffff:1'));
});
