/** TABLE of tables: all except `migrations`, which each database fills itself. */
import type { LifeCycle } from '../life-cycle.ts';
import { auditLog } from './audit-log.ts';
import { clientAlgorithms } from './client-algorithms.ts';
import { clientOrigins } from './client-origins.ts';
import { clientSecrets } from './client-secrets.ts';
import { clients } from './clients.ts';
import { consents } from './consents.ts';
import { grants } from './grants.ts';
import { groupMembers, userGroups } from './groups-and-members.ts';
import { interactions } from './interactions.ts';
import { keys } from './keys.ts';
import { oneTime } from './one-time.ts';
import { outbox } from './outbox.ts';
import { passwords } from './passwords.ts';
import { pendingSignIns } from './pending-sign-ins.ts';
import { recoveryCodes } from './recovery-codes.ts';
import { resources } from './resources.ts';
import { revisions } from './revisions.ts';
import { revokedTokens } from './revoked-tokens.ts';
import { sessionClients } from './session-clients.ts';
import { sessions } from './sessions.ts';
import { spentJtis } from './spent-jtis.ts';
import { throttles } from './throttles.ts';
import { totp } from './totp.ts';
import { totpEnrolments } from './totp-enrolments.ts';
import { userRoles } from './user-roles.ts';
import { users } from './users.ts';

/** Referenced tables come before those that reference them: a copy follows this order, deletions the reverse. */
export const lifeCycles: readonly LifeCycle[] = [
  users,
  passwords,
  totp,
  recoveryCodes,
  userGroups,
  groupMembers,
  userRoles,
  clients,
  clientSecrets,
  resources,
  clientOrigins,
  clientAlgorithms,
  sessions,
  sessionClients,
  totpEnrolments,
  pendingSignIns,
  interactions,
  consents,
  grants,
  oneTime,
  spentJtis,
  revokedTokens,
  keys,
  throttles,
  outbox,
  auditLog,
  revisions,
];

/** Tables that reference others come before those. */
export const dependentsFirst: readonly LifeCycle[] = lifeCycles.toReversed();

/** The columns of the primary key, in its order. */
export function keyOf({ columns }: Pick<LifeCycle, 'columns'>): readonly string[] {
  return Object.keys(columns).filter((column) => columns[column] === 'key');
}
