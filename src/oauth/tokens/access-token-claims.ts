/** RFC 9068 §2.2, RFC 9470 §6; times in seconds. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly client_id: string;
  readonly scope: string;
  readonly iat: number;
  readonly exp: number;
  /** `<grant_id>.<random>`, or `<random>` where the client acts for itself. */
  readonly jti: string;
  readonly auth_time?: number;
  readonly acr?: string;
}

/** Claims that need not be verified again. */
export interface VerifiedToken {
  readonly claims: AccessTokenClaims;
  /** The revision at which the key was published still; undefined where nobody asked yet. */
  readonly revision: number | undefined;
}
