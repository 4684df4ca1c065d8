/** The authorization request as an interaction remembers it: flat, as servers of the version before wrote and read it. */
import type { AuthorizationRequest, CodeTerms } from './authorization-request-types.ts';
import type { ResponseTarget } from './respond.ts';
import { jsonOfAsked, readAsked, type StoredAsked } from './stored-asked.ts';

/** The request, and what the client was when it was checked. */
interface StoredRequest
  extends ResponseTarget,
    CodeTerms,
    StoredAsked,
    Pick<AuthorizationRequest, 'client_id' | 'refusal'> {
  readonly metadata_hash?: string | undefined;
}

/**
 * JSON for the row of the interaction; {@link readStoredRequest} reads it. `metadata_hash` is the hash of the client's
 * metadata now, to notice a change later.
 */
export function writeStoredRequest(request: AuthorizationRequest, metadata_hash: string): string {
  const { client_id, target, code, asked, refusal } = request;
  const stored: StoredRequest = {
    client_id,
    ...target,
    ...code,
    ...jsonOfAsked(asked),
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
  const { redirect_uri, response_mode, state, ui_locales } = stored;
  const { redirect_uri_sent, code_challenge, nonce, confirmation } = stored;
  const request = {
    client_id: stored.client_id,
    asked: readAsked(stored),
    target: { redirect_uri, response_mode, state, ui_locales },
    code: { redirect_uri_sent, code_challenge, nonce, confirmation },
    refusal: stored.refusal,
  };
  return { request, metadata_hash: stored.metadata_hash };
}
