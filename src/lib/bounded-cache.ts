/** A cache for keys that clients choose: bounded in entries and in bytes, whatever they send. */
import { LRUCache } from 'lru-cache';
import { sha256 } from './sha256-and-hmac.ts';

const LONGEST_KEY = 128;
/** Approximate overhead of an entry, without its key and its value. */
const ENTRY_BYTES = 256;
/** Prefix of a key that replaces one longer than LONGEST_KEY. */
const HASHED = '#';
const ASCII = /^[ -~]*$/;

export interface CacheBounds<Value> {
  readonly entries: number;
  readonly bytes: number;
  /** The approximate size of a value; called when the value is set. */
  readonly bytesOf: (value: Value) => number;
}

/** The least recently used entry is evicted first. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  clear(): void;
  /** The approximate size of all entries. */
  bytes(): number;
}

/** Values are not copied. A value larger than `bytes` is not kept. */
export function createBoundedCache<Value extends object | boolean>({
  entries,
  bytes,
  bytesOf,
}: CacheBounds<Value>): BoundedCache<Value> {
  const cache = new LRUCache<string, { readonly value: Value }>({
    max: entries,
    maxSize: bytes,
    sizeCalculation: ({ value }, key) => ENTRY_BYTES + 2 * key.length + Math.ceil(bytesOf(value)),
  });
  return {
    get: (key) => cache.get(shortKey(key))?.value,
    // A new object each time: lru-cache does not compute the size again for an object that it already holds.
    set: (key, value) => void cache.set(copyOf(shortKey(key)), { value }),
    clear: () => cache.clear(),
    bytes: () => cache.calculatedSize,
  };
}

/** An approximate upper bound of the memory that a value parsed from JSON takes, in bytes. */
export function bytesOfJson(value: object | undefined): number {
  return value === undefined ? 0 : 4 * JSON.stringify(value).length;
}

function shortKey(key: string): string {
  return key.length <= LONGEST_KEY && !key.startsWith(HASHED) ? key : HASHED + sha256(key);
}

/** A copy: a string that was sliced from a longer one keeps the longer one in memory. */
function copyOf(text: string): string {
  // latin1 takes half the memory and time where every character fits into a byte.
  const encoding = ASCII.test(text) ? 'latin1' : 'utf16le';
  return Buffer.from(text, encoding).toString(encoding);
}
