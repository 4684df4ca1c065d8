/** The errors of the protocol: a registered code, a sentence that may be said, and a stable reason. */

import type { Refusal } from '../lib/outcome.ts';
import type { Reason } from '../lib/refusal-reason.ts';

interface ErrorCode {
  /** On the back channel, in HTTP. RFC 6749 §5.2, RFC 6750 §3.1 */
  readonly status: number;
  /** The answer to a request that is right and comes too early, as when a client polls: no refusal for the audit. RFC 8628 §3.5 */
  readonly isOrdinary?: true;
}

/** What a client that polls meets in the ordinary course. RFC 8628 §3.5 */
type OrdinaryCodes = Partial<Record<'authorization_pending' | 'slow_down', Required<ErrorCode>>>;

/** TABLE of the registered error codes. */
export const errorCodes = {
  invalid_request: { status: 400 },
  invalid_client: { status: 401 },
  invalid_grant: { status: 400 },
  unauthorized_client: { status: 400 },
  unsupported_grant_type: { status: 400 },
  invalid_scope: { status: 400 },
  invalid_target: { status: 400 },
  access_denied: { status: 400 },
  unsupported_response_type: { status: 400 },
  unsupported_token_type: { status: 400 },
  server_error: { status: 500 },
  temporarily_unavailable: { status: 503 },
  invalid_token: { status: 401 },
  insufficient_scope: { status: 403 },
  login_required: { status: 400 },
  consent_required: { status: 400 },
  interaction_required: { status: 400 },
  account_selection_required: { status: 400 },
  unmet_authentication_requirements: { status: 400 },
  request_not_supported: { status: 400 },
  request_uri_not_supported: { status: 400 },
  registration_not_supported: { status: 400 },
  invalid_redirect_uri: { status: 400 },
  invalid_client_metadata: { status: 400 },
  invalid_software_statement: { status: 400 },
} as const satisfies Readonly<Record<string, ErrorCode>> & OrdinaryCodes;
export type OAuthErrorCode = keyof typeof errorCodes;

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
    this.status = options.status ?? errorCodes[error].status;
    this.challenge = options.challenge;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.about = options.about;
    this.isRecorded = options.isRecorded ?? false;
  }
}

/** Whether the code tells of no refusal, so that the audit does not record it. */
export function isOrdinary(code: OAuthErrorCode): boolean {
  const row: ErrorCode = errorCodes[code];
  return row.isOrdinary === true;
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
