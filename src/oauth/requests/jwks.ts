/** RFC 7517 §5: the public keys. */
import type { OAuthContext } from '../context.ts';
import { type Document, documentOf } from '../document.ts';

export async function jwks(context: OAuthContext): Promise<Document> {
  return documentOf({ keys: await context.keys.published() }, context.settings.jwks_max_age_seconds);
}
