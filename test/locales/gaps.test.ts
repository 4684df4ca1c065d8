import { expect, it } from 'vitest';
import { gapsOf, linesOf } from './gaps.ts';

it('lists each key that a language lacks, and each that no page has', () => {
  const english = { page: { heading: 'Terms', text: 'Read them.' }, other: { text: 'Other' } };
  const german = { page: { heading: 'Bedingungen', old: 'Alt' }, gone: { text: 'Fort' } };
  expect(linesOf([gapsOf('de', german, english), gapsOf('fr', english, english)])).toEqual([
    'de: missing page.text',
    'de: missing other.text',
    'de: left over page.old',
    'de: left over gone.text',
  ]);
});
