/** The errors of the protocol: a registered code, a sentence that may be said, and a stable reason. */

import type { Refusal } from '../lib/outcome.ts';
import type { Reason } from '../lib/refusal-reason.ts';

/** Registered error codes, and the HTTP status of each on the back channel. RFC 6749 §5.2, RFC 6750 §3.1 */
export const errorStatus = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  access_denied: 400,
  unsupported_response_type: 400,
  unsupported_token_type: 400,
  server_error: 500,
  temporarily_unavailable: 503,
  invalid_token: 401,
  insufficient_scope: 403,
  login_required: 400,
  consent_required: 400,
  interaction_required: 400,
  account_selection_required: 400,
  unmet_authentication_requirements: 400,
  request_not_supported: 400,
  request_uri_not_supported: 400,
  registration_not_supported: 400,
  invalid_redirect_uri: 400,
  invalid_client_metadata: 400,
  invalid_software_statement: 400,
} as const;
export type OAuthErrorCode = keyof typeof errorStatus;

export interface OAuthErrorOptions {
  /** HTTP status, where it is not the code's own. */
  readonly status?: number;
  /** The WWW-Authenticate challenge. */
  readonly challenge?: string;
  readonly retryAfterSeconds?: number;
  readonly about?: ErrorAbout;
  /** The audit has it already. */
  readonly isRecorded?: boolean;
}

/** For the operator: whom or what it is about, and what was compared. */
export interface ErrorAbout {
  /** Of a client that is registered, be it proved or not. */
  readonly client_id?: string;
  /** What was asked for where there is nothing. */
  readonly path?: string;
  readonly redirect_uri?: string;
  /** Space-separated. */
  readonly registered?: string;
  /** Of the authorization request. */
  readonly requested?: string;
}

/** What a refusal becomes outside of the transaction. `description` is limited to RFC 6749's characters when sent. */
export class OAuthError extends Error {
  readonly error: OAuthErrorCode;
  readonly description: string;
  /** `wrong_code_verifier`: for log, audit, tests and docs/reference/reasons.md. */
  readonly reason: Reason;
  readonly status: number;
  readonly challenge: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Filled in by the caller that knows it, before it is sent. */
  about: ErrorAbout | undefined;
  isRecorded: boolean;

  constructor(error: OAuthErrorCode, reason: Reason, description: string, options: OAuthErrorOptions = {}) {
    super(description);
    this.error = error;
    this.reason = reason;
    this.description = description;
    this.status = options.status ?? errorStatus[error];
    this.challenge = options.challenge;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.about = options.about;
    this.isRecorded = options.isRecorded ?? false;
  }
}

/** What error_description may hold. RFC 6749 §4.1.2.1, §5.2: %x20-21 / %x23-5B / %x5D-7E */
export function descriptionText(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll('§', 'section ')
    .replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
}

/** Throws a returned refusal, now that what it wrote is committed. */
export function throwRefusal(
  refusal: Refusal<OAuthErrorCode>,
  options: Pick<OAuthErrorOptions, 'status'> = {},
): never {
  const { error, reason, description, about, retryAfterSeconds } = refusal;
  throw new OAuthError(error, reason, description, {
    ...options,
    ...(about && { about }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
