/** What every page does alike: cookies, the form's token, rendering. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { otherSessionsCookie } from '../../identity/sessions/browser-sessions.ts';
import { findSession } from '../../identity/sessions/live-session.ts';
import type { Session } from '../../identity/sessions/sessions.ts';
import { newSecretValue } from '../../lib/ids.ts';
import type { StepBefore } from '../../oauth/page-models/account-page.ts';
import type { AddressMember } from '../../oauth/requests/metadata.ts';
import { asPage, inLanguage, noStore } from '../headers.ts';
import { chooseLanguage, wayBack } from '../language.ts';
import { onwardOf, onwardPath } from './onward.ts';
import { ownQuery } from './query.ts';
import type { Submission } from './submission.ts';
import type { PageTools } from './tools.ts';

/** One page: GET shows, POST decides, and says whose POST it takes. */
export interface Page {
  readonly path: string;
  /** The member of the discovery document that names its address, where apps send people to it. */
  readonly metadata?: AddressMember;
  /** What it reads of its query ({@link ownQuery}); nothing else is carried along when the language changes. */
  readonly query?: readonly string[];
  /** Below the host, not below the issuer's path. */
  readonly isAtRoot?: boolean;
  show(tools: PageTools, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  readonly submit?: Submission;
}

/** What the pages of an authorization carry in their addresses and forms; nothing but a link back rests on the client_id. */
export interface Carried {
  readonly interaction?: string | undefined;
  readonly client_id?: string | undefined;
  /** Where no app asked: the page of ours that somebody wants to see. */
  readonly onward?: string | undefined;
}

/** The names of what is carried, of a page's own query. */
export const CARRIED = ['interaction', 'client_id', 'onward'] as const satisfies readonly (keyof Carried)[];

/** For the next address. */
export function carriedQuery({ interaction, client_id, onward }: Carried): string {
  if (interaction === undefined) return onward === undefined ? '' : `?${new URLSearchParams({ onward })}`;
  return `?${new URLSearchParams({ interaction, ...(client_id !== undefined && { client_id }) })}`;
}

/** Of a form, or of the address that led here. */
export function carriedIn(fields: Readonly<Record<string, string>>): Carried {
  const { interaction, client_id, onward } = fields;
  return {
    interaction: interaction || undefined,
    client_id: client_id || undefined,
    onward: onwardOf(onwardPath(onward)),
  };
}

/** What a view is given; some members mean something to every page. */
export interface PageData {
  /** What the app asks the page to be in. OpenID Connect Core §3.1.2.1 */
  readonly uiLocales?: string | undefined;
  readonly interaction?: string | undefined;
  readonly client_id?: string | undefined;
  readonly account?: string | undefined;
  readonly onward?: string | undefined;
  /** What it holds is given out once, so it cannot be had again in another language. */
  readonly isOnce?: boolean;
  /** Where it is to be had by GET, if that is not the address of the request. */
  readonly path?: string | undefined;
  readonly [name: string]: unknown;
}

/** Renders; the form's token is bound to this browser, its session and the purpose. */
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
  const here = data.isOnce ? undefined : wayBack(data.path ?? pathOf(tools, request, data));
  return asPage(inLanguage(noStore(reply), language), { leavesOrigin }).send(
    tools.renderer.page(view, { ...data, here }, language),
  );
}

/** Where this page is to be had by GET, below the issuer: its path, and of its query what it knows itself. */
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

/** Shows the page of a step, in a browser that is known from then on. */
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
 * Keeps the active session, if there is one, and the others beside it. A request without cookies, as a POST from another
 * site is, takes none away.
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

/** Who is signed in in this browser. */
export function sessionOf(tools: PageTools, request: FastifyRequest): Promise<Session | undefined> {
  return findSession(tools, tools.cookies.read(request, 'session'));
}
