/** Grants that a public client has no use for. RFC 6749 §4.4 */
import type { ClientMetadata, MetadataRules } from './metadata-shape.ts';

/** The grant type that a public client may not name; undefined where there is none. */
export function findConfidentialGrant(
  metadata: ClientMetadata,
  { grantTypes }: MetadataRules,
): string | undefined {
  if (metadata.token_endpoint_auth_method !== 'none') return undefined;
  const named = grantTypes.filter(({ grantType }) => metadata.grant_types.includes(grantType));
  return named.find(({ confidentialOnly }) => confidentialOnly)?.grantType;
}
