import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../../identity/sessions/session.ts';
import { findUser, type User } from '../../../identity/users/users.ts';
import { PASSED } from '../../../lib/outcome.ts';
import {
  checkPageNeeds,
  NOTHING_DONE,
  type PageNeeds,
} from '../../../oauth/page-models/account-page-step-up.ts';
import { formFields } from '../../form-body.ts';
import { sourceOf } from '../../request-source.ts';
import { fromAnywhere } from '../accept-own-form.ts';
import { onwardOf } from '../account-page-after-sign-in.ts';
import { browserOf, sessionOf } from '../browser-sessions.ts';
import { carriedQuery } from '../carried-interaction.ts';
import { checkForm } from '../form-check.ts';
import { leaveNotice, SESSION_OVER, takeNotice } from '../notice-cookie.ts';
import type { Page } from '../page.ts';
import { pageWithSession } from '../page-makers.ts';
import { ownQuery } from '../query.ts';
import { seeOther, seeStep } from '../redirect.ts';
import { type PageData, showForm } from '../show-page.ts';
import type { PageTools } from '../tools.ts';

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

interface Handlers<Notice extends string> {
  readonly query?: Page['query'];
  readonly notices?: readonly Notice[];
  readonly linkedAs?: string;
  /** What it needs beyond a session: users are sent to prove it, and come back to this page. */
  readonly needs?: PageNeeds;
  /** What its form needs beyond `needs`: a user who comes back reads that nothing was done. */
  readonly needsForSubmit?: PageNeeds;
  show(call: SignedInCall<Notice>): Promise<FastifyReply>;
  submit?(call: SignedInCall<Notice>): Promise<FastifyReply>;
  /** The path to redirect to when the user of a form is signed out already; undefined: the sign-in. */
  over?(tools: PageTools, request: FastifyRequest): Promise<string | undefined>;
}

type PageHandlers<Notice extends string> = Handlers<Notice> & { readonly path: string };
/** Of a page, what sends a user elsewhere. */
type Guard = Pick<PageHandlers<never>, 'path' | 'needs' | 'needsForSubmit' | 'over'>;

/** A page for a user who is signed in; others are sent to sign in first. */
export function signedInPage<const Notice extends string = never>(
  path: string,
  handlers: Handlers<Notice>,
): Page<NoInfer<Notice> | typeof NOTHING_DONE> {
  const { query, notices = [], needs, needsForSubmit, linkedAs, show, submit } = handlers;
  const page: PageHandlers<Notice> = { ...handlers, path };
  return pageWithSession({
    path,
    ...(query && { query }),
    notices: needs || needsForSubmit ? [...notices, NOTHING_DONE] : notices,
    ...(linkedAs !== undefined && { linkedAs }),
    show: (tools, request, reply) =>
      withSession(page, { tools, request, reply }, (call) => checkNeeds(page, call, needs, () => show(call))),
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
  page: PageHandlers<Notice>,
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
  const { needs, needsForSubmit } = page;
  return checkNeeds(
    page,
    visit,
    needs,
    () => checkNeeds(page, visit, needsForSubmit, go, NOTHING_DONE),
    NOTHING_DONE,
  );
}

/** Runs `go` if the user meets the needs, otherwise redirects to the step that is missing; `notice` is for when they come back. */
async function checkNeeds(
  { path }: Guard,
  { tools, request, reply }: Visit,
  needs: PageNeeds | undefined,
  go: () => Promise<FastifyReply>,
  notice?: typeof NOTHING_DONE,
): Promise<FastifyReply> {
  if (!needs) return go();
  const sent = request.method === 'GET' ? ownQuery(tools, request) : {};
  const call = { ...browserOf(tools, request), source: sourceOf(tools, request) };
  const checked = await checkPageNeeds(tools, { ...call, needs, notice, path: withQuery(path, sent) });
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
  if (needs) return checkNeeds(page, visit, needs, async () => seeOther(tools, reply, path));
  return seeOther(tools, reply, `/login${carriedQuery({ onward: onwardOf(tools, path) })}`);
}

function withQuery(path: string, members: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(members).toString();
  return query === '' ? path : `${path}?${query}`;
}

function personOf({ username, email, claims: { name } }: User) {
  return { username, others: [name, email].filter((one) => one && one !== username) };
}
