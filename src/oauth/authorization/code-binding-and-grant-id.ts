/** What a code says itself: its grant, and who may redeem it. */
import { sha256 } from '../../lib/sha256-and-hmac.ts';

/** What a redemption must show besides the code. */
export interface Redemption {
  readonly client_id: string;
  readonly redirect_uri: string | undefined;
  readonly code_challenge: string | undefined;
}

/** 22 characters of base64url hold 128 bits. */
const BINDING_LENGTH = 22;
const FORMAT = /^(?<grant_id>[0-9a-v]{9}[A-Za-z0-9_-]{27})\.[A-Za-z0-9_-]{52}$/;

/** The id of the grant that the code names, whether the code is valid or not. */
export function grantIdOfCode(code: string): string | undefined {
  return FORMAT.exec(code)?.groups?.grant_id;
}

/**
 * The hash by which the grant recognises its code, also when that is spent. Where PKCE binds the code, redirect_uri may be
 * left out, so it is not part of the hash.
 */
export function codeBinding(code: string, { client_id, redirect_uri, code_challenge }: Redemption): string {
  const bound = code_challenge === undefined ? redirect_uri : undefined;
  return sha256(JSON.stringify([code, client_id, bound, code_challenge])).slice(0, BINDING_LENGTH);
}
