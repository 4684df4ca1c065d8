import type { Confirmation } from '../confirmation-claim.ts';
import { BEARER } from '../token-challenge.ts';
import { bindings } from './index.ts';

/** token_type of a token that is bound so, which is the scheme that it is shown with. RFC 6749 §7.1 */
export function tokenTypeOf(confirmation: Confirmation | undefined): string {
  if (confirmation === undefined) return BEARER;
  const bound = bindings.filter(({ member }) => confirmation[member] !== undefined);
  return bound.find(({ tokenType }) => tokenType !== undefined)?.tokenType ?? BEARER;
}

/** The schemes that an access token may be shown with. */
export function tokenTypes(): readonly string[] {
  return [BEARER, ...bindings.flatMap(({ tokenType }) => tokenType ?? [])];
}
