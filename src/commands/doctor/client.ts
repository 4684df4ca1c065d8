/** What one client was seen to do, from the audit log: what it leaves out, and what could be demanded of it. */
import { profiles } from '../../config/profiles.ts';
import type { House } from '../../gatehouse.ts';
import { isRefusal } from '../../lib/outcome.ts';
import type { Client } from '../../oauth/clients/client.ts';
import { findResource } from '../../oauth/resource.ts';
import { isRotated } from '../../oauth/tokens/refresh-token.ts';
import { type AuditEventRow, listAuditEvents } from '../../storage/tables/audit.ts';
import { findClient } from '../../storage/tables/clients.ts';
import { type Check, type Finding, pass, warn } from './check.ts';

/** Of the log, the newest: a second or two. */
const MOST_ROWS = 5000;
const PAGE = 500;

/** The checks of one client, over what was read once. */
export async function checksOf(house: House, client: Client): Promise<readonly Check[]> {
  const events = await seenOf(house, client);
  const changedAt = (await findClient(house.db, client.client_id))?.updated_at ?? 0;
  const { default_resource, resources } = client.metadata;
  const refused = refusedSinceToken(events);
  return [
    ...(refused.length === 0 ? [] : [{ name: 'requests', run: async () => findRefused(client, refused) }]),
    { name: 'proof of the code', run: async () => findProof(client, events) },
    { name: 'secret', run: async () => findSecretWay(client, events, changedAt) },
    ...(default_resource === undefined
      ? []
      : [{ name: 'default resource', run: () => findDefault(house, client, default_resource) }]),
    ...(resources.length === 0 ? [] : [{ name: 'tokens shown', run: async () => findTokens(events) }]),
    { name: 'refresh tokens', run: async () => findReuse(client, events, changedAt) },
  ];
}

async function seenOf({ db }: House, { client_id }: Client): Promise<AuditEventRow[]> {
  const found: AuditEventRow[] = [];
  let beforeKey: string | undefined;
  for (let rows = 0; rows < MOST_ROWS; rows += PAGE) {
    const page = await listAuditEvents(db, { beforeKey, limit: PAGE });
    found.push(...page.events.filter((event) => event.client_id === client_id));
    if (page.lastKey === undefined) break;
    beforeKey = page.lastKey;
  }
  return found;
}

/**
 * What it asked of /token and was refused, newest first, since it got a token there; from where it gets them, as
 * anybody may name it.
 */
function refusedSinceToken(events: readonly AuditEventRow[]): readonly AuditEventRow[] {
  const issued = events.filter(({ type }) => type === 'token.issued');
  const addresses = new Set(issued.map(({ address }) => address));
  const last = events.findIndex(({ type }) => type === 'token.issued');
  const since = last < 0 ? events : events.slice(0, last);
  return since.filter(
    ({ type, address }) =>
      (type === 'token.refused' || type === 'client.authentication_failed') &&
      (issued.length === 0 || addresses.has(address)),
  );
}

function findRefused({ client_id }: Client, refused: readonly AuditEventRow[]): Finding {
  const reasons = new Set(
    refused.map(({ reason, details }) => reason ?? Object.keys(details ?? {}).join(', ')),
  );
  return warn(
    `since its last token, requests that name it were refused: ${[...reasons].join(', ')}`,
    `docs/reference/reasons.md says what that means; gatehouse audit-event list --client ${client_id} shows each`,
  );
}

/** RFC 9700 §2.1.1: PKCE, or with OpenID Connect the nonce, keeps another's code out of the app. */
function findProof(client: Client, events: readonly AuditEventRow[]): Finding {
  const authorizations = events.filter(({ type }) => type === 'authorization.granted');
  const all = authorizations.length;
  if (all === 0) return pass('no authorization of it is among the newest events');
  const withoutPkce = authorizations.filter(({ details }) => details?.pkce === false);
  if (withoutPkce.length === 0)
    return { ...pass(`PKCE in ${all} of ${all} authorizations`), fix: pkceAdvice(client) };
  const bare = withoutPkce.filter(({ details }) => details?.nonce === false).length;
  const evidence = `${withoutPkce.length} of ${all} authorizations without PKCE`;
  if (bare === 0) return pass(`${evidence}, each of them with a nonce`);
  return warn(
    `${evidence}, ${bare} of them without a nonce too`,
    'switch PKCE on in the app: without either, a stolen code can be slipped into the sign-in of somebody else',
  );
}

function pkceAdvice({ client_id, confidential, profile, metadata }: Client): string {
  const isDemanded = !confidential || metadata.require_pkce || profiles[profile].pkce === 'always';
  return isDemanded ? '' : `gatehouse client update ${client_id} --require-pkce would refuse nothing of that`;
}

/** RFC 6749 §2.3.1. An event names only a way that was not registered then: what is older than the last change tells nothing. */
function findSecretWay(
  { client_id, metadata }: Client,
  events: readonly AuditEventRow[],
  changedAt: number,
): Finding {
  const registered = metadata.token_endpoint_auth_method;
  if (!registered.startsWith('client_secret')) return pass(`it has none: ${registered}`);
  const issued = events.filter(({ type, at }) => type === 'token.issued' && at >= changedAt);
  if (issued.length === 0) return pass('no token since it was last changed is among the newest events');
  const others = issued.filter(({ details }) => details?.auth_method !== undefined);
  const ways = new Set(others.map(({ details }) => String(details?.auth_method)));
  if (ways.size > 0)
    return pass(
      `${others.length} of ${issued.length} by ${[...ways].join(', ')}, registered is ${registered}`,
    );
  const advice = `gatehouse client update ${client_id} --strict-auth-method would refuse nothing of that`;
  return {
    ...pass(`${issued.length} of ${issued.length} by ${registered}, as registered`),
    fix: metadata.strict_auth_method ? '' : advice,
  };
}

/** Its tokens are for that API, or there are none. */
async function findDefault({ clients }: House, { client_id }: Client, resource: string): Promise<Finding> {
  const found = await findResource(clients, resource);
  if (!isRefusal(found)) return pass(`${found.resource}, ${found.accessTokenType}`);
  return warn(
    `no client that is enabled is registered for its default_resource ${resource}: its requests are refused`,
    `gatehouse client update API --resource ${resource}, or client update ${client_id} --default-resource URI`,
  );
}

/** RFC 7662 §2.2: it was told that none of them is active, and not why. */
function findTokens(events: readonly AuditEventRow[]): Finding {
  const misses = events.filter(({ type }) => type === 'introspection.refused');
  const timesOf = (reason: string) => misses.reduce((sum, event) => sum + timesIn(event, reason), 0);
  const [unnamed, foreign] = [timesOf('token_for_no_resource'), timesOf('token_not_visible')];
  if (unnamed > 0) {
    return warn(
      `it asked about ${unnamed} active tokens whose app named no resource, and was told that they are not active`,
      'gatehouse client update APP --default-resource RESOURCE, with one of its resources; or the app sends resource',
    );
  }
  if (foreign > 0) {
    return warn(
      `it asked about ${foreign} active tokens that are for another API`,
      'the app names a resource of this one',
    );
  }
  return pass('it asked about no active token that is not for it');
}

function timesIn({ reason, details }: AuditEventRow, wanted: string): number {
  const times = reason === wanted ? details?.times : details?.[wanted];
  return typeof times === 'number' ? times : 0;
}

/** RFC 9700 §4.14.2: a thief's, or the app's own that was kept too long. Since the client is as it is. */
function findReuse(client: Client, events: readonly AuditEventRow[], changedAt: number): Finding {
  const reused = events.filter(({ type, at }) => type === 'refresh.reused' && at >= changedAt).length;
  if (reused === 0)
    return pass(isRotated(client) ? 'none came back after it was spent' : 'they stay the same');
  const mostly =
    'where nothing was stolen, the app refreshes twice at once or forgets what it got: one refresh at a time';
  const change = `echo '{"refresh_token_rotation": false}' | gatehouse client update ${client.client_id} --metadata -`;
  const choice = client.confidential ? `, or: ${change}` : '';
  return warn(`${reused} came back after they were spent, and their grants were revoked`, mostly + choice);
}
