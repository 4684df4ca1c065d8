/** The apps that a user let in, and how to send one away. ASVS V10.7.3 */
import type { RequestSource } from '../../audit/events.ts';
import type { Session } from '../../identity/sessions.ts';
import { deleteConsent, listConsents } from '../../storage/tables/consents.ts';
import { listLiveGrants, revokeGrantsOf } from '../../storage/tables/grants.ts';
import { type ShownClaim, showClaim } from '../claims-request.ts';
import type { OAuthContext } from '../context.ts';
import { describeScope, parseScope } from '../scope.ts';

export interface App {
  readonly client_id: string;
  readonly clientName: string;
  readonly scopes: readonly { scope: string; description: string | undefined }[];
  /** What was allowed one by one. */
  readonly claims: readonly ShownClaim[];
  readonly allowedAtMs: number;
  /** When it was last authorized; undefined where nothing of it lives. */
  readonly lastUsedAtMs: number | undefined;
}

/** Every client that holds a consent or a live grant of the user. */
export async function listApps(context: OAuthContext, session: Session): Promise<App[]> {
  const [consents, grants] = await Promise.all([
    listConsents(context.db, session.sub),
    listLiveGrants(context.db, context.clock.nowMs(), session.sub),
  ]);
  const clientIds = new Set([...consents, ...grants].map((row) => row.client_id));
  return Promise.all(
    [...clientIds].map(async (client_id) => {
      const client = await context.clients.find(client_id);
      const consent = consents.find((row) => row.client_id === client_id);
      const own = grants.filter((row) => row.client_id === client_id);
      const scopes = new Set(
        parseScope([consent?.scope ?? '', ...own.map((row) => row.scope)].join(' ')) ?? [],
      );
      return {
        client_id,
        clientName: client?.metadata.client_name ?? client_id,
        scopes: [...scopes].map((scope) => ({
          scope,
          description: describeScope(scope, context.settings.scopes),
        })),
        claims: (JSON.parse(consent?.claims ?? '[]') as string[]).map(showClaim),
        allowedAtMs: consent?.created_at ?? Math.min(...own.map((row) => row.created_at)),
        lastUsedAtMs: own[0]?.created_at,
      };
    }),
  );
}

/** Forgets the consent and ends every grant of the client; false where there was nothing. */
export async function withdrawConsent(
  context: OAuthContext,
  session: Session,
  client_id: string,
  source: RequestSource,
): Promise<boolean> {
  return context.db.write(async (tx) => {
    const forgotten = await deleteConsent(tx, session.sub, client_id);
    const ended = await revokeGrantsOf(tx, session.sub, client_id, context.clock.nowMs());
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
