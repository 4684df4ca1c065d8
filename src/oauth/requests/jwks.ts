/** RFC 7517 §5: the public keys. */
import type { JWK } from 'jose';
import { hasElapsed } from '../../lib/tolerate-clock-set-back.ts';
import { StorageUnavailableError } from '../../storage/storage-errors.ts';
import type { OAuthContext } from '../context.ts';
import { OPEN_TO_EVERYBODY } from '../proof-caller-was-authenticated.ts';
import { type Document, documentOf } from '../public-document.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';
import type { JwksContext } from './context.ts';

/** OpenID Connect Registration §2 */
const DEFAULT_ID_TOKEN_ALG = 'RS256';

/** While the database is unavailable: the keys that were read last, until the max-age that was sent with them ends. */
export async function jwks(context: JwksContext): Promise<Answer<Document>> {
  return answerTo(OPEN_TO_EVERYBODY, await publishedOrLastKnown(context));
}

async function publishedOrLastKnown(context: JwksContext): Promise<Document> {
  try {
    return render(context, await context.keys.published());
  } catch (error) {
    const last = error instanceof StorageUnavailableError ? lastKnown(context) : undefined;
    if (!last) throw error;
    return last;
  }
}

/** max-age ends at the same time for every cache, so that a key that is revoked meanwhile is not used longer. */
function lastKnown(context: JwksContext): Document | undefined {
  const last = context.keys.lastPublished();
  if (!last) return undefined;
  const nowMs = context.clock.nowMs();
  const lastsMs = context.settings.jwks_max_age_seconds * 1000;
  if (hasElapsed(last.knownAtMs, lastsMs, nowMs)) return undefined;
  const leftMs = last.knownAtMs + lastsMs - nowMs;
  return { ...render(context, last.published), maxAgeSeconds: Math.floor(leftMs / 1000) };
}

/** Readers that take the first key, whatever its kid says (python-jose), read what most ID tokens are signed with. */
function byUse(one: JWK, other: JWK): number {
  return Number(other.alg === DEFAULT_ID_TOKEN_ALG) - Number(one.alg === DEFAULT_ID_TOKEN_ALG);
}

/** Rendered once for as long as the same keys are published. */
function render(context: Pick<OAuthContext, 'documents' | 'settings'>, published: readonly JWK[]): Document {
  const known = context.documents.get(published);
  if (known) return known;
  const document = documentOf({ keys: published.toSorted(byUse) }, context.settings.jwks_max_age_seconds);
  context.documents.set(published, document);
  return document;
}
