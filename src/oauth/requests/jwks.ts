/** RFC 7517 §5: the public keys. */
import type { OAuthContext } from '../context.ts';
import { type Document, documentOf } from '../document.ts';

/** Rendered once for as long as the same keys are published. */
export async function jwks(context: OAuthContext): Promise<Document> {
  const published = await context.keys.published();
  const known = context.documents.get(published);
  if (known) return known;
  const document = documentOf({ keys: published }, context.settings.jwks_max_age_seconds);
  context.documents.set(published, document);
  return document;
}
