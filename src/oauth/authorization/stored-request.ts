/** The authorization request as an interaction remembers it: flat, as servers of the version before wrote and read it. */
import { readStoredClaims } from '../claims-request.ts';
import { type Asked, type AuthorizationRequest, type CodeTerms, NOTHING_ASKED } from './request-shape.ts';
import type { ResponseTarget } from './respond.ts';

/** The request, and what the client was when it was checked. */
interface StoredRequest
  extends ResponseTarget,
    CodeTerms,
    Omit<Asked, 'claims'>,
    Pick<AuthorizationRequest, 'client_id' | 'refusal'> {
  /** The claims parameter as it was sent. */
  readonly claims?: string | undefined;
  readonly metadata_hash?: string | undefined;
}

/**
 * JSON for the row of the interaction; {@link readStoredRequest} reads it. `metadata_hash` is the hash of the client's
 * metadata now, to notice a change later.
 */
export function writeStoredRequest(request: AuthorizationRequest, metadata_hash: string): string {
  const { client_id, asked, target, code, refusal } = request;
  const stored: StoredRequest = {
    client_id,
    ...target,
    ...code,
    ...asked,
    claims: asked.claims?.text,
    refusal,
    metadata_hash,
  };
  return JSON.stringify(stored);
}

/** What a server of the version before did not store is not asked, while nodes are replaced one by one. */
export function readStoredRequest(text: string): {
  readonly request: AuthorizationRequest;
  readonly metadata_hash: string | undefined;
} {
  const stored: StoredRequest = JSON.parse(text);
  const { client_id, refusal, metadata_hash, claims, ...flat } = stored;
  const { redirect_uri, response_mode, state, ui_locales, ...others } = flat;
  const { redirect_uri_sent, code_challenge, nonce, confirmation, ...asked } = others;
  const request = {
    client_id,
    asked: {
      ...NOTHING_ASKED,
      ...asked,
      claims: claims === undefined ? undefined : readStoredClaims(claims),
    },
    target: { redirect_uri, response_mode, state, ui_locales },
    code: { redirect_uri_sent, code_challenge, nonce, confirmation },
    refusal,
  };
  return { request, metadata_hash };
}
