/** What the consent page shows, and what its decision stores. OpenID Connect Core §3.1.2.4 */
import type { IdentityContext, SessionReadContext } from '../../identity/context.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import type { SessionCookies } from '../../identity/sessions/several-sessions-in-browser.ts';
import { findUser } from '../../identity/users/users.ts';
import type { Tx } from '../../storage/database.ts';
import { findConsent } from '../../storage/tables/consents.ts';
import { findLiveSessionById } from '../../storage/tables/sessions.ts';
import { NO_ACCESS, without } from '../access/access-set-operations.ts';
import { allowedBy } from '../access/consent-with-claims-of-scopes.ts';
import { detailsOfAccess } from '../access/describe-access-for-operators.ts';
import type { Access } from '../access/members/access-of-all-members.ts';
import { parseAccess } from '../access/stored-access.ts';
import { accountFor } from '../authorization/account-of-request.ts';
import type { InteractionContext } from '../authorization/context.ts';
import {
  changed,
  hasClientChanged,
  type Interaction,
  readAppInteraction,
} from '../authorization/interaction.ts';
import type { Browser } from '../authorization/next-page-or-end.ts';
import { canBeImpersonated, consent, isIdentityAssured } from '../authorization/steps/consent.ts';
import { doneIn, withDone } from '../authorization/steps/done-steps.ts';
import { changeDone } from '../authorization/stored-done-steps.ts';
import type { Client } from '../clients/client.ts';
import { type ShownClient, shownClient } from '../clients/client-shown-on-pages.ts';
import { OAuthError } from '../errors.ts';
import { describeScope } from '../operators-description-of-scope.ts';
import { hostOfRedirectUri } from '../redirect-uri-kind.ts';
import { type ShownClaim, showClaim } from './claim-name-on-pages.ts';
import { rememberAllowed, takeBackAllowed } from './remember-or-take-back-consent.ts';

export interface ConsentSituation extends ShownAccess {
  readonly uiLocales: string | undefined;
  readonly client_id: string;
  readonly clientName: string;
  readonly shownClient: ShownClient;
  /** The host that the user is sent back to; undefined where the answer is no redirect. */
  readonly clientHost: string | undefined;
  /** An app with a scheme of its own. */
  readonly isOnDevice: boolean;
  /** Who is asked. */
  readonly sub: string;
  readonly username: string;
  readonly lifetime: { readonly accessTokenSeconds: number; readonly ends: EndOfAccess };
  /** RFC 8252 §8.6: any app on the device could pose as this one. */
  readonly isUnverified: boolean;
}

/** What the page shows of what is asked. */
interface ShownAccess {
  /** `description` is the operator's; the standards' own are in every language. */
  readonly scopes: readonly { scope: string; description: string | undefined; isNew: boolean }[];
  /** What is asked for one by one, beyond the scopes. */
  readonly claims: readonly (ShownClaim & { readonly isNew: boolean })[];
  readonly resources: readonly string[];
}

type Call = Browser & { readonly interaction: string };

/** undefined where no user is signed in any more. Throws OAuthError where the interaction is over or another browser's. */
export async function consentSituation(
  context: InteractionContext & Pick<IdentityContext, 'claimCatalogue'>,
  call: Omit<Call, 'source'>,
): Promise<ConsentSituation | undefined> {
  const interaction = await readAppInteraction(context, call.interaction, call.browser);
  const session = await findSession(context, call, interaction);
  if (!session) return undefined;
  const { client, request } = interaction;
  const redirect_uri = request.target?.redirect_uri;
  const user = await findUser(context, session.sub);
  const remembered = await findConsent(context.db, session.sub, client.client_id);
  const known = remembered && allowedBy(context.claimCatalogue, parseAccess(remembered.access));
  const { access } = request.asked;
  return {
    client_id: client.client_id,
    clientName: client.metadata.client_name,
    shownClient: shownClient(client),
    uiLocales: request.target?.ui_locales,
    clientHost: redirect_uri && hostOfRedirectUri(redirect_uri),
    isOnDevice: redirect_uri !== undefined && !/^https?:/.test(redirect_uri),
    sub: session.sub,
    username: user?.username ?? '',
    ...shownAccess(context, access, known && without(access, known)),
    lifetime: {
      accessTokenSeconds: context.settings.access_token_seconds,
      ends: endOfAccess(client, access),
    },
    isUnverified: canBeImpersonated(client) && !isIdentityAssured(request),
  };
}

/**
 * `added` is what was not allowed before, where anything was. A member that the table has and the page does not show does
 * not compile: users allow only what they were shown.
 */
function shownAccess(
  { settings }: Pick<IdentityContext, 'settings'>,
  { scope, claims, resources }: Access,
  added: Access = NO_ACCESS,
): ShownAccess {
  const { scope: scopes, ...others } = {
    scope: scope.map((one) => ({
      scope: one,
      description: describeScope(one, settings.scopes),
      isNew: added.scope.includes(one),
    })),
    claims: claims.map((claim) => ({ ...showClaim(claim), isNew: added.claims.includes(claim) })),
    resources,
  } satisfies Record<keyof Access, unknown>;
  return { scopes, ...others };
}

/** When the access ends: with the access token, with the session, or when the user withdraws it. */
export type EndOfAccess = 'token' | 'session' | 'withdrawal';

function endOfAccess({ metadata }: Client, { scope }: Access): EndOfAccess {
  if (!metadata.grant_types.includes('refresh_token')) return 'token';
  return scope.includes('offline_access') ? 'withdrawal' : 'session';
}

/**
 * Stores the decision. What it allows is remembered; what it denies is not, even where this page allowed it before.
 * Nothing is stored if the page was shown to another user, or to one who is not signed in any more: the authorization
 * continues with the user who is signed in now. Returns whether there is one. Throws OAuthError where the client changed.
 */
export async function decideConsent(
  context: InteractionContext & Pick<IdentityContext, 'audit'>,
  call: Call & { readonly decision: 'allow' | 'deny'; readonly sub: string },
): Promise<boolean> {
  const interaction = await readAppInteraction(context, call.interaction, call.browser);
  const session = await findSession(context, call, interaction);
  if (session?.sub !== call.sub) return session !== undefined;
  const { client_id } = interaction.client;
  const outcome = await context.db.write(async (tx) => {
    const { interaction_id } = interaction.row;
    if (await hasClientChanged(tx, interaction)) return changed();
    if (!(await findLiveSessionById(tx, session.sid, context.clock.nowMs()))) return false;
    if (!(await decide(tx, interaction_id, { decision: call.decision, sub: session.sub }))) return true;
    const keep = call.decision === 'allow' ? rememberAllowed : takeBackAllowed;
    await keep(context, tx, interaction, session.sub);
    context.audit.record(tx, {
      type: call.decision === 'allow' ? 'consent.given' : 'consent.denied',
      sub: session.sub,
      client_id,
      sid: session.sid,
      source: call.source,
      details: detailsOfAccess(interaction.request.asked.access),
    });
    return true;
  });
  if (outcome instanceof OAuthError) throw outcome;
  return outcome;
}

/** A denial is final; what was allowed is allowed again where it was withdrawn meanwhile. */
function decide(
  tx: Tx,
  interactionId: string,
  decided: { readonly decision: 'allow' | 'deny'; readonly sub: string },
): Promise<boolean> {
  return changeDone(tx, interactionId, (done) => {
    const before = doneIn(done, consent);
    const isDenied = before?.decided?.decision === 'deny' && before.decided.sub === decided.sub;
    return isDenied ? undefined : withDone(done, consent, { ...before, decided });
  });
}

async function findSession(
  context: SessionReadContext,
  cookies: SessionCookies,
  { request, done }: Interaction,
): Promise<Session | undefined> {
  return (await accountFor(context, cookies, request, done)).session;
}
