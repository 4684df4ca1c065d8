/** Checks the names and claims that an operator gives a user. */
import { isRefusal } from '../../lib/outcome.ts';
import type { PersonRow } from '../../storage/tables/users.ts';
import type { Claims } from '../claims/schema.ts';
import type { IdentityContext } from '../context.ts';
import {
  checkClaims,
  checkNames,
  type Names,
  settleEmail,
  type UserRefusal,
} from './username-email-and-claim-rules.ts';

export interface NewUser {
  readonly username: string;
  readonly email?: string | undefined;
  readonly claims?: unknown;
  readonly password?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
}

export interface UserChanges {
  readonly username?: string | undefined;
  /** null removes the address. */
  readonly email?: string | null | undefined;
  /** Each replaces the claim of its name; null removes it. */
  readonly claims?: unknown;
  /** Replaces all groups. */
  readonly groups?: readonly string[] | undefined;
  /** Replaces all roles. */
  readonly roles?: readonly string[] | undefined;
}

/** The row with the members that `changes` names. */
export function changedRow(
  context: Pick<IdentityContext, 'claimCatalogue' | 'clock'>,
  before: PersonRow,
  changes: UserChanges,
): PersonRow | UserRefusal {
  const email =
    changes.email === undefined && !isNamed(changes.claims, 'email') ? before.email : changes.email;
  const person = { username: changes.username ?? before.username, email: email ?? undefined };
  const merged = mergedClaims(context, JSON.parse(before.claims), changes.claims ?? {});
  if (isRefusal(merged)) return merged;
  const checked = settlePerson(person, merged);
  if (isRefusal(checked)) return checked;
  const { named, claims } = checked;
  const isStale = before.email_key !== named.email_key && !isNamed(changes.claims, 'email_verified');
  const kept = isStale ? withoutVerified(claims) : claims;
  return { ...before, ...named, claims: JSON.stringify(kept), updated_at: context.clock.nowMs() };
}

/** Stored claims were checked when they were stored; one whose setting was removed since does not prevent a change. */
function mergedClaims(
  context: Pick<IdentityContext, 'claimCatalogue'>,
  stored: Claims,
  changes: unknown,
): Claims | UserRefusal {
  const claims = checkClaims(context, withoutNulls(changes));
  return isRefusal(claims)
    ? claims
    : (withoutNulls({ ...stored, ...(changes as object), ...claims }) as Claims);
}

/** null removes a member, as in a JSON Merge Patch (RFC 7396). */
function withoutNulls(claims: unknown): unknown {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return claims;
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
}

interface Person {
  readonly named: Names;
  readonly claims: Claims;
}

/** Names and claims as they are stored. */
export function checkPerson(
  context: Pick<IdentityContext, 'claimCatalogue'>,
  wanted: NewUser,
): Person | UserRefusal {
  const claims = checkClaims(context, withoutNulls(wanted.claims ?? {}));
  return isRefusal(claims) ? claims : settlePerson(wanted, claims);
}

function settlePerson({ username, email }: NewUser, claims: Claims): Person | UserRefusal {
  const settled = settleEmail(claims, email);
  if (isRefusal(settled)) return settled;
  const named = checkNames(username, settled.email);
  return isRefusal(named) ? named : { named, claims: settled.claims };
}

function isNamed(claims: unknown, name: string): boolean {
  return typeof claims === 'object' && claims !== null && name in claims;
}

/** The verification of the old address says nothing about the new one (OpenID Connect Core §5.1 email_verified). */
function withoutVerified({ email_verified: _verified, ...others }: Claims): Claims {
  return others;
}
