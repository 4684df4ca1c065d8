/** Where a request came from, for the audit log and for limits. */

/** Where a request came from. */
export interface RequestSource {
  /** The client's address, as reported by trusted proxies. */
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}
