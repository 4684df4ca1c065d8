import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../../identity/sessions/session-type.ts';
import { findUser, type User } from '../../../identity/users/users.ts';
import { PASSED } from '../../../lib/outcome.ts';
import {
  checkPageNeeds,
  NOTHING_DONE,
  type PageNeeds,
} from '../../../oauth/page-models/account-page-step-up.ts';
import { formFields } from '../../form-body.ts';
import { sourceOf } from '../../request-source.ts';
import { fromAnywhere } from '../accept-own-form-or-any-post.ts';
import { onwardOf } from '../account-page-after-sign-in.ts';
import { browserOf, sessionOf } from '../browser-session-cookies.ts';
import { checkForm } from '../check-own-form.ts';
import { ownQuery } from '../declared-query-parameters.ts';
import { carriedQuery } from '../interaction-in-urls-and-forms.ts';
import { leaveNotice, SESSION_OVER, takeNotice } from '../notice-cookie.ts';
import type { Page } from '../page.ts';
import { seeOther, seeStep } from '../redirect.ts';
import { type PageData, showForm } from '../show-page-or-form.ts';
import type { PageTools } from '../tools-given-to-pages.ts';
import { pageWithSession } from '../who-may-open-page.ts';

export interface SignedInCall<Notice extends string = never> extends Visit {
  readonly session: Session;
  readonly user: User;
  readonly fields: Readonly<Record<string, string>>;
  /** Renders the page, with the name of the user whose account it is, and its notice if one was left. */
  show(view: string, data: PageData): FastifyReply;
  /** The redirect for a form whose session ended before its transaction. */
  leave(): Promise<FastifyReply>;
  /** The redirect after a form that acted: to this page with a notice; `after` is where a list begins. */
  backWith(notice: Notice, after?: string): FastifyReply;
}

/** A request to the page, with or without a session. */
interface Visit {
  readonly tools: PageTools;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** No link on the account's first page leads to the page. */
export const NOT_LINKED: unique symbol = Symbol('not linked');

/** The form needs no more than its page does. */
export const NOTHING_MORE = 'nothing_more';

/** In characters; a longer value of a form is not carried in the address. */
const LONGEST_CARRIED = 1024;

interface Shown<Notice extends string> {
  readonly query?: Page['query'];
  readonly notices?: readonly Notice[];
  /** The key of the text by which the account's first page links to it. */
  readonly linkedAs: string | typeof NOT_LINKED;
  /** What it needs beyond a session: users are sent to prove it, and come back to this page. */
  readonly needs?: PageNeeds;
  show(call: SignedInCall<Notice>): Promise<FastifyReply>;
}

interface WithForm<Notice extends string> {
  /** What its form needs beyond `needs`: a user who comes back reads that nothing was done. */
  readonly needsForSubmit: PageNeeds | typeof NOTHING_MORE;
  submit(call: SignedInCall<Notice>): Promise<FastifyReply>;
  /** The path to redirect to when the user of a form is signed out already; undefined: the sign-in. */
  over?(tools: PageTools, request: FastifyRequest): Promise<string | undefined>;
}

type WithoutForm = { readonly [member in keyof WithForm<never>]?: never };

type Handlers<Notice extends string> = Shown<Notice> & (WithForm<Notice> | WithoutForm);

/** Of a page, what sends a user elsewhere, and the notices that it shows. */
type Guard<Notice extends string = string> = { readonly path: string } & Pick<
  Shown<Notice> & Partial<WithForm<Notice>>,
  'needs' | 'notices' | 'needsForSubmit' | 'over'
>;

/** A page for a user who is signed in; others are sent to sign in first. */
export function signedInPage<const Notice extends string = never>(
  path: string,
  handlers: Handlers<Notice>,
): Page<NoInfer<Notice> | typeof NOTHING_DONE> {
  const { query, notices = [], needs, needsForSubmit = NOTHING_MORE, linkedAs, show, submit } = handlers;
  if (submit && !handlers.needsForSubmit) throw new Error(`${path}: it does not say what its form needs`);
  const page: Guard<Notice> = { ...handlers, path };
  return pageWithSession({
    path,
    ...(query && { query }),
    notices: needs || needsForSubmit !== NOTHING_MORE ? [...notices, NOTHING_DONE] : notices,
    ...(linkedAs !== NOT_LINKED && { linkedAs }),
    show: (tools, request, reply) =>
      withSession(page, { tools, request, reply }, (call) =>
        checkNeeds(addressOf(page, call), call, needs, () => show(call)),
      ),
    ...(submit && {
      // The form is checked below: a user who is signed out is sent to sign in, whatever the form is.
      submit: fromAnywhere((tools, request, reply) =>
        withSession(page, { tools, request, reply }, (call) => {
          checkForm(tools, request, call.fields, path);
          return checkFormNeeds(page, call, () => submit(call));
        }),
      ),
    }),
  });
}

async function withSession<Notice extends string>(
  page: Guard<Notice>,
  visit: Visit,
  go: (call: SignedInCall<Notice>) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { tools, request, reply } = visit;
  const session = await sessionOf(tools, request);
  const user = session && (await findUser(tools, session.sub));
  const leaveSignedOut = () => leave(page, visit);
  if (!session || !user) return leaveSignedOut();
  return go({
    ...visit,
    session,
    user,
    fields: formFields(request.body),
    show(view, data) {
      const notice = takeNotice(tools, request, reply);
      const isNothingDone = notice === NOTHING_DONE;
      const own = isNothingDone ? { isNothingDone } : { notice };
      const shown = { ...data, ...own, user: personOf(user) };
      return showForm(tools, request, reply, { view, purpose: page.path, data: shown });
    },
    leave: leaveSignedOut,
    backWith(notice, after) {
      leaveNotice(tools, reply, page, notice);
      return seeOther(tools, reply, withQuery(page.path, after ? { after } : {}));
    },
  });
}

/** For a form of ours: if it is not accepted, the page says so when the user comes back. */
function checkFormNeeds(page: Guard, visit: Visit, go: () => Promise<FastifyReply>): Promise<FastifyReply> {
  const { needs, needsForSubmit: more } = page;
  const needsOfForm = more === NOTHING_MORE ? undefined : more;
  const back = { path: withQuery(page.path, carriedFields(visit)), notice: NOTHING_DONE } as const;
  return checkNeeds(back, visit, needs, () => checkNeeds(back, visit, needsOfForm, go));
}

/** The fields that are named as query parameters of the page, which a user who comes back has in the address again. */
function carriedFields({ tools, request }: Visit): Readonly<Record<string, string>> {
  const isCarried = ([name, value]: readonly [string, string]) =>
    tools.ownParameters.includes(name) && value !== '' && value.length <= LONGEST_CARRIED;
  return Object.fromEntries(Object.entries(formFields(request.body)).filter(isCarried));
}

/** Runs `go` if the user meets the needs, otherwise redirects to the step that is missing, which leads `back`. */
async function checkNeeds(
  back: { readonly path: string; readonly notice?: typeof NOTHING_DONE },
  { tools, request, reply }: Visit,
  needs: PageNeeds | undefined,
  go: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  if (!needs) return go();
  const call = { ...browserOf(tools, request), source: sourceOf(tools, request) };
  const checked = await checkPageNeeds(tools, { ...call, ...back, needs });
  return checked === PASSED ? go() : seeStep(tools, reply, checked);
}

/** The redirect for a user without a session. It does not say that nothing was changed: a form sent twice acted the first time. */
async function leave(page: Guard, visit: Visit): Promise<FastifyReply> {
  const { path, needs, over } = page;
  const { tools, request, reply } = visit;
  if (request.method === 'POST') {
    const end = await over?.(tools, request);
    if (end !== undefined) return seeOther(tools, reply, end);
    leaveNotice(tools, reply, SESSION_OVER, path === '/account/password' ? 'password' : 'over');
  }
  if (needs)
    return checkNeeds(addressOf(page, visit), visit, needs, async () => seeOther(tools, reply, path));
  return seeOther(tools, reply, `/login${carriedQuery({ onward: onwardOf(tools, path) })}`);
}

/** Of the page as it was asked for; of a POST, without a query. */
function addressOf({ path }: Guard, { tools, request }: Visit): { readonly path: string } {
  return { path: withQuery(path, request.method === 'GET' ? ownQuery(tools, request) : {}) };
}

function withQuery(path: string, members: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(members).toString();
  return query === '' ? path : `${path}?${query}`;
}

function personOf({ username, email, claims: { name } }: User) {
  return { username, others: [name, email].filter((one) => one && one !== username) };
}
