/** What the login and consent pages show and decide. OpenID Connect Core §3.1.2.3, §3.1.2.4 */
import type { AccountCookies } from '../../identity/sessions/accounts.ts';
import type { Session } from '../../identity/sessions/sessions.ts';
import { findUser } from '../../identity/users/users.ts';
import { findConsent } from '../../storage/tables/consents.ts';
import { decideInteraction, noteSignIn } from '../../storage/tables/interactions.ts';
import { findLiveSessionById } from '../../storage/tables/sessions.ts';
import { accountFor } from '../authorization/account.ts';
import {
  changed,
  hasClientChanged,
  type Interaction,
  readInteraction,
} from '../authorization/interaction.ts';
import type { AuthorizationRequest } from '../authorization/request-shape.ts';
import { situationOf } from '../authorization/situation.ts';
import { isAnybodys } from '../authorization/steps/consent.ts';
import { login } from '../authorization/steps/login.ts';
import { ANOTHER_ACCOUNT, NOTHING_NEEDED } from '../authorization/steps/step.ts';
import { consentedClaims, type ShownClaim, showClaim } from '../claims-request.ts';
import type { Client } from '../clients/client.ts';
import { type ShownClient, shownClient } from '../clients/shown-client.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { assuresIdentity, hostOfRedirectUri } from '../redirect-uri.ts';
import type { Browser } from '../requests/authorization.ts';
import { describeScope, parseScope } from '../scope.ts';
import { rememberAllowed, takeBackAllowed } from './remembered-consent.ts';

export interface LoginSituation {
  /** What the app asks the pages to be in. */
  readonly uiLocales: string | undefined;
  readonly client_id: string;
  readonly clientName: string;
  readonly face: ShownClient;
  /** The name that the form begins with: the hinted one, or the user who is asked once more. */
  readonly username: string;
  /** Whether the app asks for somebody in particular whom the form does not name: their username is not the app's to learn. */
  readonly isSomebodyHinted: boolean;
}

export interface ConsentSituation {
  readonly uiLocales: string | undefined;
  readonly client_id: string;
  readonly clientName: string;
  readonly face: ShownClient;
  /** The host that the user is sent back to. */
  readonly clientHost: string;
  /** An app with a scheme of its own. */
  readonly isOnDevice: boolean;
  /** Who is asked. */
  readonly sub: string;
  readonly username: string;
  /** `description` is the operator's; the standards' own are in every language. */
  readonly scopes: readonly { scope: string; description: string | undefined; isNew: boolean }[];
  /** What is asked for one by one, beyond the scopes. */
  readonly claims: readonly (ShownClaim & { readonly isNew: boolean })[];
  readonly resources: readonly string[];
  readonly lifetime: { readonly accessTokenSeconds: number; readonly ends: EndOfAccess };
  /** RFC 8252 §8.6: any app on the device could pose as this one. */
  readonly isUnverified: boolean;
}

type Call = Browser & { readonly interaction: string };

/** Throws OAuthError where the interaction is over or another browser's. */
export async function loginSituation(
  context: OAuthContext,
  call: AccountCookies & { interaction: string; browser?: string | undefined },
): Promise<LoginSituation> {
  const { client, request, row } = await readInteraction(context, call.interaction, call.browser);
  const username = row.selected_sub ? undefined : request.asked.login_hint;
  const { session } = await accountFor(context, call, request, row);
  const isAskedAgain = row.selected_sub !== ANOTHER_ACCOUNT && !isHintedElsewhere(request, session);
  const user = session && isAskedAgain ? await findUser(context, session.sub) : undefined;
  return {
    client_id: client.client_id,
    clientName: client.metadata.client_name,
    face: shownClient(client),
    uiLocales: request.target.ui_locales,
    username: username ?? user?.username ?? '',
    isSomebodyHinted: isHintedElsewhere(request, session),
  };
}

/** Whether who is signed in has to sign in once more; what is wrong with the interaction is said where it goes on. */
export async function isLoginNeeded(
  context: OAuthContext,
  call: AccountCookies & { interaction: string; browser?: string | undefined },
): Promise<boolean> {
  try {
    const { client, request, row } = await readInteraction(context, call.interaction, call.browser);
    const account = await accountFor(context, call, request, row);
    return login.needed(await situationOf(context, { client, request, account, row })) !== NOTHING_NEEDED;
  } catch (error) {
    if (error instanceof OAuthError) return false;
    throw error;
  }
}

/** The sign-in is this interaction's own; {@link loginSituation} said that it is this browser's. */
export async function signedInFor(context: OAuthContext, interactionId: string, sid: string): Promise<void> {
  await context.db.write((tx) => noteSignIn(tx, interactionId, sid));
}

function isHintedElsewhere(
  { asked: { hinted_sub } }: AuthorizationRequest,
  session: Session | undefined,
): boolean {
  return hinted_sub !== undefined && hinted_sub !== session?.sub;
}

/** undefined where nobody is signed in any more. Throws OAuthError where the interaction is over or another browser's. */
export async function consentSituation(
  context: OAuthContext,
  call: Omit<Call, 'source'>,
): Promise<ConsentSituation | undefined> {
  const interaction = await readInteraction(context, call.interaction, call.browser);
  const session = await findSession(context, call, interaction);
  if (!session) return undefined;
  const { client, request } = interaction;
  const user = await findUser(context, session.sub);
  const remembered = await findConsent(context.db, session.sub, client.client_id);
  const known = parseScope(remembered?.scope ?? '') ?? [];
  const knownClaims = remembered ? consentedClaims(context.claimCatalogue, remembered) : [];
  const scopes = parseScope(request.asked.scope) ?? [];
  return {
    client_id: client.client_id,
    clientName: client.metadata.client_name,
    face: shownClient(client),
    uiLocales: request.target.ui_locales,
    clientHost: hostOfRedirectUri(request.target.redirect_uri),
    isOnDevice: !/^https?:/.test(request.target.redirect_uri),
    sub: session.sub,
    username: user?.username ?? '',
    scopes: scopes.map((scope) => ({
      scope,
      description: describeScope(scope, context.settings.scopes),
      isNew: remembered !== undefined && !known.includes(scope),
    })),
    claims: (request.asked.single_claims ?? []).map((claim) => ({
      ...showClaim(claim),
      isNew: remembered !== undefined && !knownClaims.includes(claim),
    })),
    resources: request.asked.resources,
    lifetime: {
      accessTokenSeconds: context.settings.access_token_seconds,
      ends: endOfAccess(client, scopes),
    },
    isUnverified: isAnybodys(client) && !assuresIdentity(request.target.redirect_uri),
  };
}

/** What the app needs the person for: each new token, a sign-out as the end, or nothing until it is withdrawn. */
export type EndOfAccess = 'token' | 'session' | 'withdrawal';

function endOfAccess({ metadata }: Client, scopes: readonly string[]): EndOfAccess {
  if (!metadata.grant_types.includes('refresh_token')) return 'token';
  return scopes.includes('offline_access') ? 'withdrawal' : 'session';
}

/**
 * Stores the decision. What it allows is remembered; what it denies is not, even where this page allowed it before.
 * Nothing is stored of somebody whom the page was not shown to, or who is not signed in any more: the authorization goes
 * on with whoever is there now. Gives whether anybody is. Throws OAuthError where the client changed.
 */
export async function decideConsent(
  context: OAuthContext,
  call: Call & { readonly decision: 'allow' | 'deny'; readonly sub: string },
): Promise<boolean> {
  const interaction = await readInteraction(context, call.interaction, call.browser);
  const session = await findSession(context, call, interaction);
  if (session?.sub !== call.sub) return session !== undefined;
  const { client_id } = interaction.client;
  const outcome = await context.db.write(async (tx) => {
    const { interaction_id } = interaction.row;
    if (await hasClientChanged(tx, interaction)) return changed();
    if (!(await findLiveSessionById(tx, session.sid, context.clock.nowMs()))) return false;
    if (!(await decideInteraction(tx, interaction_id, call.decision, session.sub))) return true;
    const keep = call.decision === 'allow' ? rememberAllowed : takeBackAllowed;
    await keep(context, tx, interaction, session.sub);
    context.audit.record(tx, {
      type: call.decision === 'allow' ? 'consent.given' : 'consent.denied',
      sub: session.sub,
      client_id,
      sid: session.sid,
      source: call.source,
      details: detailsOf(interaction),
    });
    return true;
  });
  if (outcome instanceof OAuthError) throw outcome;
  return outcome;
}

function detailsOf({ request }: Interaction) {
  const { scope, single_claims } = request.asked;
  return { scope, ...(single_claims && { claims: single_claims.join(' ') }) };
}

async function findSession(
  context: OAuthContext,
  cookies: AccountCookies,
  { request, row }: Interaction,
): Promise<Session | undefined> {
  return (await accountFor(context, cookies, request, row)).session;
}
