/** The values of a user's claims. */
import { isReservedClaim } from '../../config/reserved-claims.ts';
import type { ClaimDefinition } from './claims-by-scope-and-place.ts';
import type { Claims } from './schema.ts';

/** The data of a user that claims are made from. */
export interface ClaimsSource {
  readonly username: string;
  readonly email: string | undefined;
  readonly claims: Claims;
  readonly updatedAtMs: number;
}

/** The values of these claims, where the user has one; never a claim that the protocol reserves. */
export function claimsOf(
  user: ClaimsSource,
  definitions: Iterable<ClaimDefinition>,
  membership: Readonly<Record<'groups' | 'roles', readonly string[]>> | undefined,
): Record<string, unknown> {
  // An e-mail address that the operator stored is verified, unless the operator says otherwise.
  const stored: Claims = {
    name: nameOf(user),
    preferred_username: user.username,
    updated_at: Math.floor(user.updatedAtMs / 1000),
    ...(user.email !== undefined && { email: user.email, email_verified: true }),
    ...user.claims,
  };
  const values: [string, unknown][] = [];
  for (const { name, source } of definitions) {
    const value =
      source.kind === 'attribute' ? ownValue(stored, source.attribute) : membership?.[source.kind];
    if (value !== undefined && !isReservedClaim(name)) values.push([name, value]);
  }
  return Object.fromEntries(values);
}

/** The claim `name`: apps show it, and some refuse a user without one. */
function nameOf({ username, claims: { given_name, family_name } }: ClaimsSource): string {
  const name = [given_name, family_name].filter((part) => part !== undefined).join(' ');
  return name === '' ? username : name;
}

function ownValue(stored: Claims, attribute: string): unknown {
  return Object.hasOwn(stored, attribute) ? stored[attribute] : undefined;
}

/** Whether the claims need the user's groups and roles. */
export function needsMembership(definitions: Iterable<ClaimDefinition>): boolean {
  for (const { source } of definitions) if (source.kind !== 'attribute') return true;
  return false;
}
