/** What is remembered under keys that others choose: bounded in entries and in bytes, whatever they send. */
import { LRUCache } from 'lru-cache';
import { sha256 } from './hash.ts';

const LONGEST_KEY = 128;
/** What an entry takes beside its key and its value, about. */
const ENTRY_BYTES = 256;
/** Begins the key of what is longer. */
const HASHED = '#';
const ASCII = /^[ -~]*$/;

export interface CacheBounds<Value> {
  readonly entries: number;
  readonly bytes: number;
  /** How many bytes a value holds, about; asked when it is set. */
  readonly bytesOf: (value: Value) => number;
}

/** The entry that was asked for least recently goes first. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  clear(): void;
  /** What it holds now, about. */
  bytes(): number;
}

/** Values are not copied. A value that takes more than `bytes` by itself is not kept. */
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
    // A new object each time: of one that is there already lru-cache would not ask the size again.
    set: (key, value) => void cache.set(flat(shortKey(key)), { value }),
    clear: () => cache.clear(),
    bytes: () => cache.calculatedSize,
  };
}

/** How many bytes what was read from JSON takes in memory, at most about. */
export function bytesOfJson(value: object | undefined): number {
  return value === undefined ? 0 : 4 * JSON.stringify(value).length;
}

function shortKey(key: string): string {
  return key.length <= LONGEST_KEY && !key.startsWith(HASHED) ? key : HASHED + sha256(key);
}

/** A text that was cut out of a longer one keeps all of it in memory: this one stands alone. */
function flat(text: string): string {
  // Half the room and the time where every character has a byte.
  const encoding = ASCII.test(text) ? 'latin1' : 'utf16le';
  return Buffer.from(text, encoding).toString(encoding);
}
