/** The refused requests of one client, from the audit log. */

import { steps } from '../../oauth/authorization/steps/index.ts';
import type { Client } from '../../oauth/clients/client.ts';
import type { AuditEventRow } from '../../storage/tables/audit-log.ts';
import { type Finding, warn } from './check.ts';

/** Reasons that the user or the browser causes, and not the app. */
const CAUSED_BY_USER = [...steps.flatMap(({ reasons }) => reasons), 'user_denied', 'interaction_required'];

/** The refusals at /authorize and at /token since the last success at each, newest first. */
export function refusedOf(events: readonly AuditEventRow[]): readonly AuditEventRow[] {
  return [
    ...refusedSince(events, 'authorization.granted', ['authorization.refused']),
    ...refusedSince(events, 'token.issued', ['token.refused', 'client.authentication_failed']),
  ].filter((event) => reasonsOf(event).length > 0);
}

/**
 * Refusals since the last success; where there were successes, only from their addresses, because anyone can send a
 * client_id.
 */
function refusedSince(
  events: readonly AuditEventRow[],
  success: string,
  refused: readonly string[],
): readonly AuditEventRow[] {
  const successes = events.filter(({ type }) => type === success);
  const addresses = new Set(successes.map(({ address }) => address));
  const last = events.findIndex(({ type }) => type === success);
  const since = last < 0 ? events : events.slice(0, last);
  return since.filter(
    ({ type, address }) => refused.includes(type) && (successes.length === 0 || addresses.has(address)),
  );
}

/** A WARN that names each reason once. `refused` is a list from {@link refusedOf} that is not empty. */
export function findRefused({ client_id }: Client, refused: readonly AuditEventRow[]): Finding {
  const reasons = [...new Set(refused.flatMap(reasonsOf))].join(', ');
  return warn(
    `since it last got a code or a token, requests that name it were refused: ${reasons}`,
    `docs/reference/reasons.md says what that means; gatehouse audit-event list --client ${client_id} shows each`,
  );
}

/** The reason of an event, or those of a count; with the redirect URI of the request where one is recorded. */
function reasonsOf({ reason, details }: AuditEventRow): readonly string[] {
  const all = reason === undefined ? Object.keys(details ?? {}).filter((name) => name !== 'times') : [reason];
  const faults = all.filter((one) => !CAUSED_BY_USER.includes(one));
  const redirect = details?.redirect_uri;
  return redirect === undefined ? faults : faults.map((one) => `${one} (${redirect})`);
}
