/** What one client asked and was refused, from the audit log. */

import { steps } from '../../oauth/authorization/steps/index.ts';
import type { Client } from '../../oauth/clients/client.ts';
import type { AuditEventRow } from '../../storage/tables/audit.ts';
import { type Finding, warn } from './check.ts';

/** What comes of the person or of their browser, and not of the app. */
const OF_PERSON = [...steps.flatMap(({ reasons }) => reasons), 'user_denied', 'interaction_required'];

/** What it asked and was refused, newest first, at /authorize and at /token. */
export function refusedOf(events: readonly AuditEventRow[]): readonly AuditEventRow[] {
  return [
    ...refusedSince(events, 'authorization.granted', ['authorization.refused']),
    ...refusedSince(events, 'token.issued', ['token.refused', 'client.authentication_failed']),
  ].filter((event) => reasonsOf(event).length > 0);
}

/** Since it last got there what it wanted; from where it gets that, as anybody may name it. */
function refusedSince(
  events: readonly AuditEventRow[],
  got: string,
  refused: readonly string[],
): readonly AuditEventRow[] {
  const good = events.filter(({ type }) => type === got);
  const addresses = new Set(good.map(({ address }) => address));
  const last = events.findIndex(({ type }) => type === got);
  const since = last < 0 ? events : events.slice(0, last);
  return since.filter(
    ({ type, address }) => refused.includes(type) && (good.length === 0 || addresses.has(address)),
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

/** One, or the several of a count; of a redirect, the one that came. */
function reasonsOf({ reason, details }: AuditEventRow): readonly string[] {
  const told =
    reason === undefined ? Object.keys(details ?? {}).filter((name) => name !== 'times') : [reason];
  const faults = told.filter((one) => !OF_PERSON.includes(one));
  const redirect = details?.redirect_uri;
  return redirect === undefined ? faults : faults.map((one) => `${one} (${redirect})`);
}
