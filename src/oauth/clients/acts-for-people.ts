/** Clients that act for people, beside those that act for themselves. RFC 6749 §4.4 */
import type { MetadataRules } from './metadata-shape.ts';

/** Whether a person allows what it gets. RFC 6749 §1.5: a refresh token goes on with what another grant began. */
export function isForPeople(grant_types: readonly string[], { grantTypes }: MetadataRules): boolean {
  return grantTypes.some(
    ({ grantType, forUser }) => forUser && grantType !== 'refresh_token' && grant_types.includes(grantType),
  );
}
