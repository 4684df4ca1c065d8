/** The authorization request as an interaction remembers it: flat, as servers of the version before wrote and read it. */
import { type Access, jsonOfAccess, readAccess } from '../access/access.ts';
import { readStoredClaims } from '../claims-request.ts';
import { parseScope } from '../scope.ts';
import {
  type Asked,
  type AuthorizationRequest,
  type CodeTerms,
  NOTHING_ASKED,
} from './authorization-request.ts';
import type { ResponseTarget } from './respond.ts';

/** The members of the access as they stand in the request: those that were there before it was one value have other names. */
interface StoredAccess {
  /** Space-separated. */
  readonly scope: string;
  readonly resources: readonly string[];
  readonly single_claims?: unknown;
}

/** The request, and what the client was when it was checked. */
interface StoredRequest
  extends ResponseTarget,
    CodeTerms,
    StoredAccess,
    Omit<Asked, 'access' | 'claims'>,
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
  const { client_id, target, code, refusal } = request;
  const { access, claims, ...asked } = request.asked;
  const stored: StoredRequest = {
    client_id,
    ...target,
    ...code,
    ...storedAccess(access),
    ...asked,
    claims: claims?.text,
    refusal,
    metadata_hash,
  };
  return JSON.stringify(stored);
}

function storedAccess(access: Access): StoredAccess {
  const { scope, resources, claims: single_claims, ...others } = jsonOfAccess(access);
  return { scope: access.scope.join(' '), resources: access.resources, single_claims, ...others };
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

function readAsked({ scope, single_claims, claims, ...stored }: StoredRequest): Asked {
  const { userinfo_first, prompt, max_age, login_hint, hinted_sub, acr } = stored;
  return {
    access: readAccess({ ...stored, scope: parseScope(scope ?? ''), claims: single_claims }),
    userinfo_first,
    prompt: prompt ?? NOTHING_ASKED.prompt,
    max_age,
    login_hint,
    hinted_sub,
    acr: acr ?? NOTHING_ASKED.acr,
    claims: claims === undefined ? undefined : readStoredClaims(claims),
  };
}
