/** What all pages share: cookies, the form's token, rendering. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { otherSessionsCookie } from '../../identity/sessions/browser-sessions.ts';
import { findSession } from '../../identity/sessions/live-session.ts';
import type { Session } from '../../identity/sessions/sessions.ts';
import { newSecretValue } from '../../lib/ids.ts';
import type { StepBefore } from '../../oauth/page-models/account-page-step-up.ts';
import type { AddressMember } from '../../oauth/requests/metadata.ts';
import { asPage, inLanguage, noStore } from '../headers.ts';
import { chooseLanguage, returnPath } from '../page-language.ts';
import type { Submission } from './accepted-posts.ts';
import { onwardOf, onwardPath } from './account-page-after-sign-in.ts';
import { ownQuery } from './query.ts';
import type { PageTools } from './tools.ts';

/** Who may open a page: everybody, whoever is in a sign-in or an authorization, or a user who is signed in. */
export type OpenTo = 'everybody' | 'interaction' | 'session';

declare const isPage: unique symbol;

/** A row of the table. Made by `page-makers.ts` and `signedInPage`, each of which says who may open it. */
export interface Page<Notice extends string = string> extends PageRow<Notice> {
  readonly [isPage]: true;
  readonly openTo: OpenTo;
}

/** What a page is: GET shows it, POST acts; `submit` says which POST requests are accepted. */
export interface PageRow<Notice extends string = string> {
  readonly path: string;
  /** The member of the discovery document that has its URL, where apps send users to it. */
  readonly metadata?: AddressMember;
  /** The query parameters that it reads ({@link ownQuery}); only these are kept when the language changes. */
  readonly query?: readonly string[];
  /** The messages that it shows once, after an action; its view has a text for each. */
  readonly notices?: readonly Notice[];
  /** The key of the text by which the account's first page links to it; links are in the order of the table. */
  readonly linkedAs?: string;
  /** Whether `path` is below the host, not below the issuer's path. */
  readonly isAtRoot?: boolean;
  show(tools: PageTools, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  readonly submit?: Submission;
}

/** What the pages of an authorization carry in their URLs and forms; the client_id is used only for a link to the app. */
export interface Carried {
  readonly interaction?: string | undefined;
  readonly client_id?: string | undefined;
  /** Without an app: the account page that the user wants to see. */
  readonly onward?: string | undefined;
}

/** The names of these members, for the `query` of a page. */
export const CARRIED = ['interaction', 'client_id', 'onward'] as const satisfies readonly (keyof Carried)[];

/** The query of the next page's URL. */
export function carriedQuery({ interaction, client_id, onward }: Carried): string {
  if (interaction === undefined) return onward === undefined ? '' : `?${new URLSearchParams({ onward })}`;
  return `?${new URLSearchParams({ interaction, ...(client_id !== undefined && { client_id }) })}`;
}

/** What the fields of a form, or the query of a URL, carry. */
export function carriedIn(
  tools: Pick<PageTools, 'onwardNames'>,
  fields: Readonly<Record<string, string>>,
): Carried {
  const { client_id, onward } = fields;
  return {
    interaction: interactionIn(fields),
    client_id: client_id || undefined,
    onward: onwardOf(tools, onwardPath(tools, onward)),
  };
}

/** The interaction that the fields of a form carry; undefined where no app asks. */
export function interactionIn({ interaction }: Readonly<Record<string, string>>): string | undefined {
  return interaction || undefined;
}

/** The data of a view; these members have a meaning on every page. */
export interface PageData {
  /** The languages that the app asks for. OpenID Connect Core §3.1.2.1 */
  readonly uiLocales?: string | undefined;
  readonly interaction?: string | undefined;
  readonly client_id?: string | undefined;
  readonly account?: string | undefined;
  readonly onward?: string | undefined;
  /** The page holds a value that is issued once, so it cannot be shown again in another language. */
  readonly isOnce?: boolean;
  /** The path that shows the page by GET, if it is not that of the request. */
  readonly path?: string | undefined;
  readonly [name: string]: unknown;
}

/** Renders a view with a form token, which is bound to this browser, its session and the purpose. */
export function showForm(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  page: {
    view: string;
    purpose: string;
    data: PageData;
    leavesOrigin?: boolean;
    session?: string | undefined;
  },
): FastifyReply {
  const browser = tools.cookies.read(request, 'browser') ?? newBrowser(tools, reply);
  const session = page.session ?? tools.cookies.read(request, 'session') ?? '';
  const csrf = tools.csrf.tokenFor({ browser, session, purpose: page.purpose });
  return showPage(tools, reply, page.view, { ...page.data, csrf }, page.leavesOrigin);
}

/**
 * Renders a view without a form token; {@link showForm} adds one. `leavesOrigin`: the page has a form whose answer may
 * lead to another origin, so its policy has no form-action.
 */
export function showPage(
  tools: PageTools,
  reply: FastifyReply,
  view: string,
  data: PageData,
  leavesOrigin = false,
): FastifyReply {
  const { request } = reply;
  const language = chooseLanguage(request, tools.cookies, data.uiLocales);
  const ownPath = data.isOnce ? undefined : returnPath(data.path ?? pathOf(tools, request, data));
  return asPage(inLanguage(noStore(reply), language), { leavesOrigin }).send(
    tools.renderer.page(view, { ...data, ownPath }, language),
  );
}

/** The path, below the issuer, that shows this page by GET, with the query parameters that it declares. */
function pathOf(
  tools: PageTools,
  request: FastifyRequest,
  { interaction, client_id, account, onward }: PageData,
): string {
  const path = request.url.slice(tools.settings.basePath.length).replace(/\?.*/, '');
  const asked = request.method === 'GET' ? Object.entries(ownQuery(tools, request)) : [];
  const carried = Object.entries({ interaction, client_id, account, onward }).filter(
    ([, value]) => value !== undefined,
  );
  const pairs = asked.length > 0 ? asked : (carried as [string, string][]);
  const query = new URLSearchParams(pairs).toString();
  return query === '' ? path : `${path}?${query}`;
}

function newBrowser(tools: PageTools, reply: FastifyReply): string {
  const value = newSecretValue(tools.clock, tools.random);
  tools.cookies.set(reply, 'browser', value);
  return value;
}

/**
 * Redirects with 303, so the browser sends a GET. `path` begins with / and is added to the issuer's path. RFC 9110
 * §15.4.4
 */
export function seeOther(tools: PageTools, reply: FastifyReply, path: string): FastifyReply {
  return noStore(reply).redirect(`${tools.settings.basePath}${path}`, 303);
}

/** Redirects to the page of a step, and sets the browser cookie where the step made one. */
export function seeStep(tools: PageTools, reply: FastifyReply, step: StepBefore): FastifyReply {
  if (step.browser !== undefined) tools.cookies.set(reply, 'browser', step.browser);
  return seeOther(tools, reply, `/${step.page}${carriedQuery(step)}`);
}

/** The cookies that an authorization is bound to. */
export function browserOf(tools: PageTools, request: FastifyRequest) {
  return {
    browser: tools.cookies.read(request, 'browser'),
    session: tools.cookies.read(request, 'session'),
    otherSessions: tools.cookies.read(request, 'accounts'),
  };
}

/**
 * Sets the cookies of the active session, if there is one, and of the others. A request without these cookies, such as a
 * POST from another site, deletes none.
 */
export function setBrowserSessions(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  {
    active,
    others,
  }: { active: { cookieValue: string } | undefined; others: readonly { cookieValue: string }[] },
): void {
  if (active) tools.cookies.set(reply, 'session', active.cookieValue);
  else if (tools.cookies.read(request, 'session') !== undefined) tools.cookies.clear(reply, 'session');
  const value = otherSessionsCookie(others);
  if (value !== undefined) tools.cookies.set(reply, 'accounts', value);
  else if (tools.cookies.read(request, 'accounts') !== undefined) tools.cookies.clear(reply, 'accounts');
}

/** The active session of this browser. */
export function sessionOf(tools: PageTools, request: FastifyRequest): Promise<Session | undefined> {
  return findSession(tools, tools.cookies.read(request, 'session'));
}
