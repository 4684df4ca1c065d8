import { expect, it } from 'vitest';
import { createSystemRandom } from '../../src/lib/clock-and-random.ts';
import { newIdentifier, newSecretValue, storageKey } from '../../src/lib/time-ordered-ids-and-secrets.ts';

const random = createSystemRandom();
const clock = { nowMs: () => 1_790_000_000_000 };
const PREFIX = 9;

it('A029 G8 a million values: every character as often as another, none twice, 256 random bits', () => {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (let index = 0; index < 1_000_000; index += 1) {
    const tail = newSecretValue(clock, random).slice(PREFIX);
    seen.add(tail);
    // The last character holds four bits alone; all before it are uniform over 64.
    const at = index % 42;
    const character = tail.charAt(at);
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  expect(seen.size).toBe(1_000_000);
  expect(counts.size).toBe(64);
  const expected = 1_000_000 / 64;
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 63 degrees of freedom: p > 0.00001.
  expect(chiSquare).toBeLessThan(125);
});

it('values are ordered by the time that made them, and stored under prefix and hash alone', () => {
  const early = newIdentifier({ nowMs: () => 1_790_000_000_000 }, random);
  const late = newIdentifier({ nowMs: () => 1_790_000_000_001 }, random);
  expect(early < late).toBe(true);
  const secret = newSecretValue(clock, random);
  expect(storageKey(secret)).toHaveLength(PREFIX + 43);
  expect(storageKey(secret)).not.toContain(secret.slice(PREFIX));
});
