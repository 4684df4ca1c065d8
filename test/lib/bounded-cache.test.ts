import { describe, expect, it } from 'vitest';
import { bytesOfJson, createBoundedCache } from '../../src/lib/bounded-cache.ts';
import { heldBytes } from '../support/heap.ts';

const MEGABYTE = 1024 * 1024;
const bounds = { entries: 5000, bytes: 4 * MEGABYTE, bytesOf: bytesOfJson };
const keyOf = (number: number, length: number) => `${number}-`.padEnd(length, 'x');

describe('a cache under keys of strangers', () => {
  it('holds few bytes of 6,000 keys of 60 kB', () => {
    const cache = createBoundedCache<object>(bounds);
    const before = heldBytes();
    for (let number = 0; number < 6000; number += 1) cache.set(keyOf(number, 60_000), {});
    expect(heldBytes() - before).toBeLessThan(8 * MEGABYTE);
    expect(cache.bytes()).toBeLessThan(4 * MEGABYTE);
    expect(cache.get(keyOf(5999, 60_000))).toEqual({});
  });

  it('does not hold the long text that a short key was cut out of', () => {
    const cache = createBoundedCache<object>(bounds);
    const before = heldBytes();
    for (let number = 0; number < 2000; number += 1) {
      const header = Buffer.from(keyOf(number, 60_000)).toString();
      cache.set(header.slice(0, 40), {});
    }
    expect(heldBytes() - before).toBeLessThan(8 * MEGABYTE);
  });

  it('forgets the oldest where values are large, and never keeps one that is larger than all of it', () => {
    const cache = createBoundedCache<object>(bounds);
    for (let number = 0; number < 100; number += 1) cache.set(`${number}`, { text: 'x'.repeat(60_000) });
    expect(cache.bytes()).toBeLessThan(4 * MEGABYTE);
    expect([cache.get('0'), cache.get('99') !== undefined]).toEqual([undefined, true]);
    cache.set('huge', { text: 'x'.repeat(2 * MEGABYTE) });
    expect(cache.get('huge')).toBeUndefined();
  });

  it('counts a value again that grew and is set again', () => {
    const cache = createBoundedCache<{ text: string }>(bounds);
    const value = { text: '' };
    cache.set('key', value);
    const before = cache.bytes();
    value.text = 'x'.repeat(10_000);
    cache.set('key', value);
    expect(cache.bytes()).toBeGreaterThan(before + 10_000);
  });

  it('sets a key that is there at the same cost, however many more it has room for', () => {
    const cache = createBoundedCache<object>({ entries: 2_000_000, bytes: MEGABYTE, bytesOf: () => 0 });
    for (let time = 0; time < 5000; time += 1) cache.set('only', {});
    expect(cache.get('only')).toEqual({});
  });

  it('tells a long key from a short one that looks like what is kept of it', () => {
    const cache = createBoundedCache<{ of: string }>({ ...bounds, bytesOf: () => 0 });
    const long = keyOf(1, 1000);
    cache.set(long, { of: 'long' });
    for (const length of [43, 44]) expect(cache.get(`#${'x'.repeat(length - 1)}`)).toBeUndefined();
    cache.set('#short', { of: 'short' });
    expect([cache.get(long), cache.get('#short'), cache.get('\ud800'), cache.get('short')]).toEqual([
      { of: 'long' },
      { of: 'short' },
      undefined,
      undefined,
    ]);
  });
});
