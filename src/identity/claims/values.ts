/** What claims say of a person. */
import { isReservedClaim } from '../../config/claim-names.ts';
import type { ClaimDefinition } from './catalogue.ts';
import type { Claims } from './schema.ts';

/** What claims are made of. */
export interface ClaimsSource {
  readonly username: string;
  readonly email: string | undefined;
  readonly claims: Claims;
  readonly updatedAtMs: number;
}

/** The values of these claims, as far as there are any; never one that the protocol reserves. */
export function claimsOf(
  user: ClaimsSource,
  definitions: Iterable<ClaimDefinition>,
  membership: Readonly<Record<'groups' | 'roles', readonly string[]>> | undefined,
): Record<string, unknown> {
  // An address is the operator's word, unless they said otherwise.
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

/** Apps show it, and some refuse a person without one. */
function nameOf({ username, claims: { given_name, family_name } }: ClaimsSource): string {
  const name = [given_name, family_name].filter((part) => part !== undefined).join(' ');
  return name === '' ? username : name;
}

function ownValue(stored: Claims, attribute: string): unknown {
  return Object.hasOwn(stored, attribute) ? stored[attribute] : undefined;
}

/** Whether the groups and roles of the person must be read. */
export function needsMembership(definitions: Iterable<ClaimDefinition>): boolean {
  for (const { source } of definitions) if (source.kind !== 'attribute') return true;
  return false;
}
