import { expect, it } from 'vitest';
import { invalidMetadata, shownValue } from '../../../src/oauth/clients/metadata-refusal.ts';

it('RFC 7591 §3.2.2 a refusal has the error of metadata, its reason and its sentence', () => {
  expect(invalidMetadata('malformed_scope', 'scope must be words')).toEqual({
    refused: true,
    error: 'invalid_client_metadata',
    reason: 'malformed_scope',
    description: 'scope must be words',
  });
});

it('what was sent is shown in quotes, without what ends them, and 200 characters of it at most', () => {
  expect(shownValue('a"b\n')).toBe('"a\\"b\\n"');
  expect(shownValue('x'.repeat(200))).toBe(`"${'x'.repeat(200)}"`);
  expect(shownValue('x'.repeat(201))).toBe(`"${'x'.repeat(200)}"`);
});
