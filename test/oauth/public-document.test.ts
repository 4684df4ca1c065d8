import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { documentOf } from '../../src/oauth/public-document.ts';

it('a document is its JSON, with the SHA-256 of that text as a strong ETag', () => {
  const document = documentOf({ keys: [{ kid: 'ü' }] }, 300);
  expect(document.body).toBe('{"keys":[{"kid":"ü"}]}');
  const hash = createHash('sha256').update(document.body).digest('base64url');
  expect(document).toMatchObject({ etag: `"${hash}"`, maxAgeSeconds: 300 });
});

it('RFC 9110 §8.8.3 the same content has the same ETag, other content or order another', () => {
  const etag = documentOf({ a: 1, b: 2 }, 0).etag;
  expect(documentOf({ a: 1, b: 2 }, 60).etag).toBe(etag);
  expect(documentOf({ a: 1, b: 3 }, 0).etag).not.toBe(etag);
  expect(documentOf({ b: 2, a: 1 }, 0).etag).not.toBe(etag);
});
