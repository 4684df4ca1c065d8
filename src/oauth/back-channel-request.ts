import type { RequestSource } from '../audit/request-source.ts';
import type { Pair } from './parameters.ts';

/** A request that a client or an API makes directly, as plain values. Built in one place for every endpoint. */
export interface BackChannelRequest {
  readonly method: string;
  /** As the issuer has it, never as a Host header does; without query and fragment. RFC 9449 §4.2 */
  readonly url: string;
  /** The path that was called, below the issuer, as its row has it. */
  readonly endpoint: string;
  /** What stands in the path where the row has a `:name`. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** By their names in lower case. {@link headerOf} reads one. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The members of a form body, in order, as they were sent; none of any other body. */
  readonly pairs: readonly Pair[];
  /** A JSON body; undefined for any other. */
  readonly json: unknown;
  /** The query's members; throws OAuthError where it is not well-formed. */
  query(): readonly Pair[];
  /** DER of the certificate that the TLS client showed and proved; undefined where there is none. RFC 8705 §2 */
  certificate(): Uint8Array | undefined;
  readonly source: RequestSource;
}

/** The header as it was sent; undefined where there is none. A repeated one is one text, as Node joins them. */
export function headerOf({ headers }: Pick<BackChannelRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
