import { expect, it } from 'vitest';
import { isPublic } from '../../src/lib/ip.ts';

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
