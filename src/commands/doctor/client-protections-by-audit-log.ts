/** Checks of one client by the audit log: which protections it does not use, and which stricter settings it would meet. */
import { profiles } from '../../config/client-protocol-profiles.ts';
import type { Gatehouse } from '../../gatehouse.ts';
import { isRefusal } from '../../lib/outcome.ts';
import { type AccessTokenForm, accessTokenForm } from '../../oauth/access-token-type-and-algorithm.ts';
import type { Client } from '../../oauth/clients/client.ts';
import { needsSecret } from '../../oauth/clients/issue-client-secrets.ts';
import { findResource } from '../../oauth/find-requested-resources.ts';
import { isRotated } from '../../oauth/tokens/refresh-rules.ts';
import { type AuditEventRow, listAuditEvents } from '../../storage/tables/audit-log.ts';
import { findClient } from '../../storage/tables/clients.ts';
import { type Check, type Finding, pass, warn } from './check.ts';
import { findRefused, refusedOf } from './refusals-of-one-client.ts';

/** The newest rows of the audit log; reading them takes a second or two. */
const MOST_ROWS = 5000;
const PAGE = 500;

/** The checks of one client, over events that are read once for all of them. */
export async function checksOf(gatehouse: Gatehouse, client: Client): Promise<readonly Check[]> {
  const newest = await newestEvents(gatehouse);
  const events = newest.filter(({ client_id }) => client_id === client.client_id);
  const changedAt = (await findClient(gatehouse.db, client.client_id))?.updated_at ?? 0;
  const { default_resource, resources } = client.metadata;
  const refused = refusedOf(events);
  return [
    ...(refused.length === 0 ? [] : [{ name: 'requests', run: async () => findRefused(client, refused) }]),
    { name: 'proof of the code', run: async () => judgeCodeProof(client, events) },
    { name: 'secret', run: async () => judgeAuthMethod(client, events, changedAt) },
    ...(default_resource === undefined
      ? []
      : [
          {
            name: 'default resource',
            run: () => judgeDefaultResource(gatehouse, default_resource, client, newest),
          },
        ]),
    ...(resources.length === 0
      ? []
      : [
          { name: 'access tokens', run: async () => reportTokenForm(client) },
          { name: 'tokens shown', run: async () => judgePresentedTokens(events) },
        ]),
    { name: 'refresh tokens', run: async () => judgeRefreshReuse(client, events, changedAt) },
  ];
}

async function newestEvents({ db }: Gatehouse): Promise<AuditEventRow[]> {
  const found: AuditEventRow[] = [];
  let beforeKey: string | undefined;
  for (let rows = 0; rows < MOST_ROWS; rows += PAGE) {
    const page = await listAuditEvents(db, { beforeKey, limit: PAGE });
    found.push(...page.events);
    if (page.lastKey === undefined) break;
    beforeKey = page.lastKey;
  }
  return found;
}

/** RFC 9700 §2.1.1: PKCE, or with OpenID Connect the nonce, protects the app against an injected code. */
function judgeCodeProof(client: Client, events: readonly AuditEventRow[]): Finding {
  const authorizations = events.filter(({ type }) => type === 'authorization.granted');
  const all = authorizations.length;
  if (all === 0) return pass('no authorization of it is among the newest events');
  const withoutPkce = authorizations.filter(({ details }) => details?.pkce === false);
  if (withoutPkce.length === 0)
    return { ...pass(`PKCE in ${all} of ${all} authorizations`), fix: pkceAdvice(client) };
  const withoutEither = withoutPkce.filter(({ details }) => details?.nonce === false).length;
  const evidence = `${withoutPkce.length} of ${all} authorizations without PKCE`;
  if (withoutEither === 0) return pass(`${evidence}, each of them with a nonce`);
  return warn(
    `${evidence}, ${withoutEither} of them without a nonce too`,
    'switch PKCE on in the app: without either, a stolen code can be slipped into the sign-in of somebody else',
  );
}

function pkceAdvice({ client_id, confidential, profile, metadata }: Client): string {
  const isDemanded = !confidential || metadata.require_pkce || profiles[profile].pkce === 'always';
  return isDemanded ? '' : `gatehouse client update ${client_id} --require-pkce would refuse nothing of that`;
}

/**
 * RFC 6749 §2.3.1. An event names a method only where it was not the registered one, so events before the last change
 * are ignored.
 */
function judgeAuthMethod(
  { client_id, metadata }: Client,
  events: readonly AuditEventRow[],
  changedAt: number,
): Finding {
  const registered = metadata.token_endpoint_auth_method;
  if (!needsSecret(metadata)) return pass(`it has none: ${registered}`);
  const issued = events.filter(({ type, at }) => type === 'token.issued' && at >= changedAt);
  if (issued.length === 0) return pass('no token since it was last changed is among the newest events');
  const others = issued.filter(({ details }) => details?.auth_method !== undefined);
  const ways = new Set(others.map(({ details }) => String(details?.auth_method)));
  if (ways.size > 0)
    return pass(
      `${others.length} of ${issued.length} by ${[...ways].join(', ')}, registered is ${registered}`,
    );
  // How an API authenticates at /introspect is not recorded, and it is often not by the same library.
  const isStrictEnough = metadata.strict_auth_method || metadata.resources.length > 0;
  return {
    ...pass(`${issued.length} of ${issued.length} by ${registered}, as registered`),
    fix: isStrictEnough ? '' : strictAdvice(client_id),
  };
}

function strictAdvice(client_id: string): string {
  return (
    `gatehouse client update ${client_id} --strict-auth-method would refuse nothing of that; it holds for /revoke and ` +
    '/introspect too, of which nothing is known here: look first whether the app does the same there'
  );
}

/** Without a registered resource the client gets no tokens; with openid in the scope, its tokens are for userinfo. */
async function judgeDefaultResource(
  { clients }: Gatehouse,
  resource: string,
  { client_id }: Client,
  newest: readonly AuditEventRow[],
): Promise<Finding> {
  const found = await findResource(clients, resource);
  if (isRefusal(found)) {
    return warn(
      `no client that is enabled is registered for its default_resource ${resource}: its requests are refused`,
      `gatehouse client update API --resource ${resource}, or client update ${client_id} --default-resource URI`,
    );
  }
  const api = (await clients.resource(resource))?.client_id;
  const isForUserinfo = newest.some(
    (event) => event.client_id === client_id && event.type === 'authorization.granted' && asksOpenid(event),
  );
  const presented = timesOf(
    newest.filter((event) => event.client_id === api),
    'token_for_userinfo',
  );
  const form = `${found.resource}, ${describeForm(found)}`;
  if (!isForUserinfo || presented === 0) return pass(form);
  return warn(
    `${form}; it asks for openid, and ${presented} tokens for userinfo were shown to that API`,
    NAME_THE_RESOURCE,
  );
}

const NAME_THE_RESOURCE =
  'with openid in the scope the token is for userinfo: the token request names the resource (resource or audience), or the app leaves openid out';

function asksOpenid({ details }: AuditEventRow): boolean {
  return String(details?.scope).split(' ').includes('openid');
}

function describeForm({ accessTokenType, accessTokenAlg }: AccessTokenForm): string {
  return `${accessTokenType}, ${accessTokenAlg}`;
}

function reportTokenForm({ client_id, metadata }: Client): Finding {
  const form = accessTokenForm(metadata);
  const change = `gatehouse client update ${client_id} --access-token-alg RS256`;
  return {
    ...pass(`those for its resources are ${describeForm(form)}`),
    fix: form.accessTokenAlg === 'RS256' ? '' : `for a reader that takes RS256 alone (FastMCP): ${change}`,
  };
}

/** RFC 7662 §2.2: the API learned only that the tokens are not active, and not why. */
function judgePresentedTokens(events: readonly AuditEventRow[]): Finding {
  const seen = (reason: string) => timesOf(events, reason);
  const [unnamed, forUserinfo, foreign] = [
    seen('token_for_no_resource'),
    seen('token_for_userinfo'),
    seen('token_not_visible'),
  ];
  if (forUserinfo > 0) {
    return warn(
      `it asked about ${forUserinfo} active tokens of apps whose default_resource it is, and was told that they are not active`,
      NAME_THE_RESOURCE,
    );
  }
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

function timesOf(events: readonly AuditEventRow[], reason: string): number {
  const misses = events.filter(({ type }) => type === 'introspection.refused');
  return misses.reduce((sum, event) => sum + timesIn(event, reason), 0);
}

function timesIn({ reason, details }: AuditEventRow, wanted: string): number {
  const times = reason === wanted ? details?.times : details?.[wanted];
  return typeof times === 'number' ? times : 0;
}

/**
 * RFC 9700 §4.14.2: a reused refresh token was stolen, or kept by the app after its use. Only events since the last
 * change count.
 */
function judgeRefreshReuse(client: Client, events: readonly AuditEventRow[], changedAt: number): Finding {
  const reused = events.filter(({ type, at }) => type === 'refresh.reused' && at >= changedAt).length;
  if (reused === 0)
    return pass(isRotated(client) ? 'none came back after it was spent' : 'they stay the same');
  const mostly =
    'where nothing was stolen, the app refreshes twice at once or forgets what it got: one refresh at a time';
  const change = `echo '{"refresh_token_rotation": false}' | gatehouse client update ${client.client_id} --metadata -`;
  const choice = client.confidential ? `, or: ${change}` : '';
  return warn(`${reused} came back after they were spent, and their grants were revoked`, mostly + choice);
}
