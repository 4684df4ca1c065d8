/** Metadata members that the operator alone may say. */
import type { ClientMetadata } from './metadata-shape.ts';

const OPERATORS_OWN = [
  'first_party',
  'resources',
  'access_token_type',
  'access_token_signed_response_alg',
  'default_resource',
  'require_pkce',
  'strict_auth_method',
  'refresh_is_activity',
  'refresh_token_rotation',
  'id_token_claims',
  'insecure_redirect_uris',
] as const satisfies readonly (keyof ClientMetadata)[];

/** Whether a client that registers itself cannot say it. */
export function isOperatorsOwn(member: string): boolean {
  return (OPERATORS_OWN as readonly string[]).includes(member);
}

/**
 * What the operator set is kept where the client replaces its registration (RFC 7592 §2.2). first_party is removed: the
 * operator trusted the app as it was.
 */
export function keptOf(metadata: ClientMetadata): Partial<ClientMetadata> {
  const kept = OPERATORS_OWN.filter((member) => member !== 'first_party');
  const { require_pkce, ...others }: Partial<ClientMetadata> = Object.fromEntries(
    kept.flatMap((member) => (metadata[member] === undefined ? [] : [[member, metadata[member]]])),
  );
  return { ...others, ...(require_pkce && { require_pkce }) };
}
