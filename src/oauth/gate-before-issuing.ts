/**
 * The one gate: may this grant, client, user and session act now, and for what? Every grant type passes it. Introspection and
 * userinfo ask check-grant-standing.ts again.
 */

import type { IdentityContext } from '../identity/context.ts';
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import type { Reader } from '../storage/database.ts';
import { findGrantStanding, type GrantStandingRow } from '../storage/tables/grant-standing.ts';
import { accessTo, narrow } from './access/access-set-operations.ts';
import type { Access } from './access/members/access-of-all-members.ts';
import { parseAccess } from './access/stored-access.ts';
import { checkStanding, notValid } from './check-grant-standing.ts';
import type { Authenticated } from './clients/authentication/authenticate.ts';
import type { Client } from './clients/client.ts';
import { refuseChanged } from './clients/refuse-changed-client.ts';
import { type Confirmation, isMet, readConfirmation } from './confirmation-claim.ts';
import { type Audience, findAudience } from './find-access-token-audience.ts';
import type { Proof } from './grant-proof.ts';
import { isOfPersonAlone, isSubset, isUserScope, narrowScope, parseScope } from './parse-and-narrow-scope.ts';
import { refuseScope } from './refused-scope.ts';

declare const admitted: unique symbol;

/** What may be issued. Made by {@link admit} alone. */
export interface Admitted extends Audience {
  readonly [admitted]: true;
  readonly client: Client;
  /** undefined where the client acts for itself. */
  readonly grant: GrantStandingRow | undefined;
  readonly proof: Proof;
  /** The keys that the tokens are bound to. */
  readonly confirmation: Confirmation | undefined;
  /** Of the tokens: what was granted, as far as they are asked for it. */
  readonly access: Access;
}

export interface GateRequest {
  /** Who asks: a client that proved itself. */
  readonly caller: Authenticated;
  readonly proof: Proof;
  /** The keys that the request showed. */
  readonly confirmation: Confirmation | undefined;
  readonly scope: string | undefined;
  /** Those that are named. */
  readonly resources: readonly string[];
}

type GateRefusal = Refusal<'invalid_grant' | 'invalid_scope' | 'invalid_target' | 'unauthorized_client'>;

/** RFC 6749 §5.2, §6; RFC 8707 §2.2. `db` is the transaction where there is one. Throws ClientChanged. */
export async function admit(
  context: Pick<IdentityContext, 'clock' | 'settings'>,
  db: Reader,
  asked: GateRequest,
): Promise<Admitted | GateRefusal> {
  const { client } = asked.caller;
  if (client.disabled) return notValid('client_disabled');
  const { proof, confirmation } = asked;
  const grant = proof.kind === 'client' ? undefined : await findStanding(context, db, proof.grantId);
  if (isRefusal(grant)) return grant;
  if (grant && grant.client_id !== client.client_id) return notValid('grant_of_other_client');
  if (grant) await refuseChanged(db, client, grant.revision);
  if (grant && !isMet(readConfirmation(grant.confirmation), confirmation))
    return notValid('wrong_confirmation');
  const granted = grant && parseAccess(grant.access);
  const access = granted ? accessOfGrant(client, granted, asked) : accessOfClient(client, asked);
  if (isRefusal(access)) return access;
  const audience = await findAudience(context, db, { client, granted, resources: asked.resources });
  if (isRefusal(audience)) return audience;
  return { client, grant, proof, confirmation, access, ...audience } as Admitted;
}

/** The grant, if it and all its parents stand now. */
async function findStanding(
  context: Pick<IdentityContext, 'clock'>,
  db: Reader,
  grantId: string,
): Promise<GrantStandingRow | Refusal<'invalid_grant'>> {
  return checkStanding(context, await findGrantStanding(db, grantId));
}

/** RFC 6749 §6: narrowed, never widened. */
function accessOfGrant(
  client: Client,
  granted: Access,
  asked: Pick<GateRequest, 'scope'>,
): Access | GateRefusal {
  if (!isSubset(granted.scope, allowedScope(client))) return notValid('scope_withdrawn');
  if (asked.scope === undefined) return granted;
  const scope = narrowScope(client.profile, asked.scope, granted.scope);
  if (scope) return narrow(granted, { scope });
  return refuse(
    'invalid_scope',
    'scope_not_granted',
    `scope must be among those of the grant: ${granted.scope.join(' ')}`,
  );
}

/**
 * RFC 6749 §4.4.2; RFC 9068 §5: a client acting for itself has no scope about a person. Libraries ask for openid by
 * themselves: that is left out, and leaves a token without a scope where nothing else was asked.
 */
function accessOfClient(client: Client, asked: Pick<GateRequest, 'scope'>): Access | GateRefusal {
  const allowed = allowedScope(client).filter((scope) => !isUserScope(scope));
  if (asked.scope === undefined) return accessTo({ scope: allowed });
  const { profile } = client;
  const scope = isOfPersonAlone(profile, asked.scope) ? [] : narrowScope(profile, asked.scope, allowed);
  if (scope) return accessTo({ scope });
  return refuseScope(client, asked.scope, allowed, 'for itself');
}

function allowedScope(client: Client): readonly string[] {
  return parseScope(client.metadata.scope) ?? [];
}
