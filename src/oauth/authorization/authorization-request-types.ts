/** The authorization request as it is remembered. RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1 */
import type { WantedAssurance } from '../../identity/assurance.ts';
import type { Refusal } from '../../lib/outcome.ts';
import { NO_ACCESS } from '../access/access-set-operations.ts';
import type { Access } from '../access/members/access-of-all-members.ts';
import type { SentClaims } from '../claims-request.ts';
import type { Client } from '../clients/client.ts';
import type { Confirmation } from '../confirmation-claim.ts';
import type { OAuthErrorCode } from '../errors.ts';
import type { ResponseTarget } from './respond.ts';

export const promptValues = ['none', 'login', 'consent', 'select_account'] as const;
export type Prompt = (typeof promptValues)[number];

/** What is asked for, and of which user, after every check. It does not depend on the response target. */
export interface Asked {
  /** What the user must allow; `claims` has the names of those that are not in the scopes. */
  readonly access: Access;
  /** A token request that names none of its resources is for userinfo. */
  readonly userinfo_first?: true | undefined;
  readonly prompt: readonly Prompt[];
  readonly max_age?: number | undefined;
  readonly login_hint?: string | undefined;
  /** The sub that id_token_hint names. */
  readonly hinted_sub?: string | undefined;
  readonly acr: WantedAssurance;
  /** The claims parameter, with places and values. */
  readonly claims?: SentClaims | undefined;
}

/** Of a request that asks for nothing. */
export const NOTHING_ASKED: Asked = {
  access: NO_ACCESS,
  prompt: [],
  acr: { essential: false, values: [] },
};

/** What the code of the answer is bound to beside its client and its redirect, and what its ID token repeats. */
export interface CodeTerms {
  /** RFC 6749 §4.1.3: whether the token request must repeat redirect_uri. */
  readonly redirect_uri_sent: boolean;
  readonly code_challenge?: string | undefined;
  readonly nonce?: string | undefined;
  /** The keys that a redemption must show. RFC 9449 §10 */
  readonly confirmation?: Confirmation | undefined;
}

/** The part of a stored interaction that its steps read, whatever its purpose. */
export interface AskedRequest {
  readonly asked: Asked;
  /** undefined where the answer is no redirect. */
  readonly target?: ResponseTarget | undefined;
  /** The fault of the request, where it is reported only after the user signed in (Z31). */
  readonly refusal?: AuthorizationRefusal | undefined;
}

/** Remembered with an interaction, where it wins over anything sent later. */
export interface AuthorizationRequest extends AskedRequest {
  readonly client_id: string;
  readonly target: ResponseTarget;
  readonly code: CodeTerms;
}

export type AuthorizationRefusal = Refusal<OAuthErrorCode>;

export type CheckedRequest =
  | { readonly client: Client; readonly request: AuthorizationRequest }
  | { readonly client: Client; readonly target: ResponseTarget; readonly refusal: AuthorizationRefusal };
