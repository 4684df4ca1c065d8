/** What is asked, as an interaction or a table of a purpose stores it: flat, as servers of the version before wrote and read it. */
import type { Access } from '../access/members/access-of-all-members.ts';
import { jsonOfAccess, readAccess } from '../access/stored-access.ts';
import { readStoredClaims } from '../claims-request.ts';
import { parseScope } from '../parse-and-narrow-scope.ts';
import { type Asked, NOTHING_ASKED } from './authorization-request-types.ts';

/** The members of the access as they stand in the request: those that were there before it was one value have other names. */
interface StoredAccess {
  /** Space-separated. */
  readonly scope: string;
  readonly resources: readonly string[];
  readonly single_claims?: unknown;
}

/** Members of a JSON object, which may have others beside them. */
export interface StoredAsked extends StoredAccess, Omit<Asked, 'access' | 'claims'> {
  /** The claims parameter as it was sent. */
  readonly claims?: string | undefined;
}

/** To be stored as JSON; {@link readAsked} reads it. */
export function jsonOfAsked({ access, claims, ...asked }: Asked): StoredAsked {
  return { ...storedAccess(access), ...asked, claims: claims?.text };
}

function storedAccess(access: Access): StoredAccess {
  const { scope, resources, claims: single_claims, ...others } = jsonOfAccess(access);
  return { scope: access.scope.join(' '), resources: access.resources, single_claims, ...others };
}

/** What a server of the version before did not store is not asked, while nodes are replaced one by one. */
export function readAsked({ scope, single_claims, claims, ...stored }: StoredAsked): Asked {
  const { userinfo_first, prompt, max_age, login_hint, hinted_sub, acr } = stored;
  return {
    access: readAccess({ ...stored, scope: parseScope(scope ?? ''), claims: single_claims }),
    userinfo_first,
    prompt: prompt ?? NOTHING_ASKED.prompt,
    max_age,
    login_hint,
    hinted_sub,
    acr: acr ?? NOTHING_ASKED.acr,
    claims: claims === undefined ? undefined : readStoredClaims(claims),
  };
}
