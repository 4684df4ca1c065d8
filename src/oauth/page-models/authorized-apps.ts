/** The apps that a user authorized, and how the user withdraws that. ASVS V10.7.3 */
import type { RequestSource } from '../../audit/request-source.ts';
import { isLiveIn } from '../../identity/sessions/find-live-sessions.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import { nextTurn } from '../../lib/next-event-loop-turn.ts';
import { deleteConsent, findConsent } from '../../storage/tables/consents.ts';
import { listClientsOfPerson, listLiveAccess } from '../../storage/tables/list-authorized-apps.ts';
import { NO_ACCESS, union } from '../access/access-set-operations.ts';
import { parseAccess } from '../access/stored-access.ts';
import type { OAuthContext } from '../context.ts';
import { revokeGrantsOf } from '../end-all-or-surplus-grants.ts';
import { describeScope } from '../operators-description-of-scope.ts';
import { type ShownClaim, showClaim } from './claim-name-on-pages.ts';

export interface App {
  readonly client_id: string;
  readonly clientName: string;
  readonly scopes: readonly { scope: string; description: string | undefined }[];
  /** What was allowed one by one. */
  readonly claims: readonly ShownClaim[];
  readonly allowedAtMs: number;
  /** When it was last authorized; undefined where no grant of it is live. */
  readonly lastUsedAtMs: number | undefined;
}

/** Some of the apps. */
export interface AppPage {
  readonly apps: readonly App[];
  /** The client_id after which there may be more; undefined where there are none. */
  readonly next: string | undefined;
}

/**
 * Clients that hold a consent or a live grant of the user, by client_id from `after` on. Reads at most `limit` of
 * them; returns fewer where the grants of some have ended.
 */
export async function listApps(
  context: Pick<OAuthContext, 'clients' | 'clock' | 'db' | 'settings'>,
  { sub }: Session,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<AppPage> {
  const clientIds = await listClientsOfPerson(context.db, { sub, after, limit: limit + 1 });
  const apps: App[] = [];
  for (const client_id of clientIds.slice(0, limit)) {
    const app = await findApp(context, sub, client_id);
    if (app) apps.push(app);
    await nextTurn();
  }
  return { apps, next: clientIds.length > limit ? clientIds[limit - 1] : undefined };
}

async function findApp(
  context: Pick<OAuthContext, 'clients' | 'clock' | 'db' | 'settings'>,
  sub: string,
  client_id: string,
): Promise<App | undefined> {
  const consent = await findConsent(context.db, sub, client_id);
  const own = await listLiveAccess(context.db, context.clock.nowMs(), { sub, client_id });
  if (!consent && own.length === 0) return undefined;
  const client = await context.clients.find(client_id);
  const allowed = consent ? parseAccess(consent.access) : NO_ACCESS;
  const { scope } = own.map(({ access }) => parseAccess(access)).reduce(union, allowed);
  return {
    client_id,
    clientName: client?.metadata.client_name ?? client_id,
    scopes: scope.map((one) => ({
      scope: one,
      description: describeScope(one, context.settings.scopes),
    })),
    claims: allowed.claims.map(showClaim),
    allowedAtMs: consent?.created_at ?? Math.min(...own.map(({ first_at }) => first_at)),
    lastUsedAtMs: own[0]?.last_at,
  };
}

/** Forgets the consent and ends every grant of the client; false where there was nothing, undefined where the session is over. */
export async function withdrawConsent(
  context: Pick<OAuthContext, 'audit' | 'clock' | 'db'>,
  session: Session,
  client_id: string,
  source: RequestSource,
): Promise<boolean | undefined> {
  return context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    if (!(await isLiveIn(context, tx, session))) return undefined;
    const forgotten = await deleteConsent(tx, session.sub, client_id);
    const ended = await revokeGrantsOf(context, tx, { sub: session.sub, client_id });
    if (!forgotten && ended === 0) return false;
    context.audit.record(tx, {
      type: 'consent.withdrawn',
      sub: session.sub,
      client_id,
      sid: session.sid,
      source,
    });
    return true;
  });
}
