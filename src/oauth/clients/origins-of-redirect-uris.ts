/** Whose pages may read answers of ours in a browser: those of redirect URIs. draft-ietf-oauth-v2-1 §3.1 */
import type { ClientMetadata } from './metadata-shape.ts';

/** The origins of the http and https redirect URIs, each once. Other schemes, as native apps use them, have no pages. */
export function originsOf({ redirect_uris = [] }: Partial<ClientMetadata>): readonly string[] {
  const pages = redirect_uris.filter((uri) => /^https?:/.test(uri) && URL.canParse(uri));
  return [...new Set(pages.map((uri) => new URL(uri).origin))];
}
