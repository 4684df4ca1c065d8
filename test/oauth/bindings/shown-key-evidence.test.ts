/** At run time too, nothing shows a key but what `keyShown` made. */
import { expect, it } from 'vitest';
import { refuse } from '../../../src/lib/outcome.ts';
import {
  hasShownKey,
  type KeyShown,
  keyShown,
  NOT_SHOWN,
} from '../../../src/oauth/bindings/shown-key-evidence.ts';
import { NOTHING_TO_SPEND, spendable } from '../../../src/oauth/spend-jtis.ts';

const replayed = refuse('invalid_request' as const, 'assertion_replayed', 'it was shown before');

it('a key that was shown is one, with its value and what is to be spent', () => {
  const toSpend = [spendable(['one'], 1000, replayed)];
  expect(hasShownKey(keyShown('thumbprint', toSpend))).toBe(true);
  expect(keyShown('thumbprint', toSpend)).toMatchObject({ value: 'thumbprint', toSpend });
});

it('what only looks like one is none', () => {
  const looks: unknown[] = [
    {},
    { value: 'thumbprint', toSpend: NOTHING_TO_SPEND },
    { [Symbol('key shown')]: true, value: 'thumbprint', toSpend: [] },
    { [Symbol.for('key shown')]: true, value: 'thumbprint', toSpend: [] },
    { 'key shown': true, value: 'thumbprint', toSpend: [] },
    JSON.parse(JSON.stringify(keyShown('thumbprint', NOTHING_TO_SPEND))),
    refuse('invalid_request', 'assertion_replayed', 'refused'),
  ];
  for (const look of looks) expect(hasShownKey(look as KeyShown), JSON.stringify(look)).toBe(false);
  expect(typeof NOT_SHOWN).toBe('string');
});
