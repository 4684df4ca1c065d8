import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../../identity/sessions/session.ts';
import { findUser, type User } from '../../../identity/users/users.ts';
import { PASSED } from '../../../lib/outcome.ts';
import { checkPageNeeds, type PageNeeds } from '../../../oauth/page-models/account-page-step-up.ts';
import { formFields } from '../../form-body.ts';
import { sourceOf } from '../../request-source.ts';
import { fromAnywhere } from '../accepted-posts.ts';
import { onwardOf } from '../account-page-after-sign-in.ts';
import { browserOf, sessionOf } from '../browser-sessions.ts';
import { carriedQuery } from '../carried-query.ts';
import { checkForm } from '../form-check.ts';
import { leaveNotice } from '../notice-cookie.ts';
import type { Page } from '../page.ts';
import { ownQuery } from '../query.ts';
import { seeOther, seeStep } from '../redirect.ts';
import { type PageData, showForm } from '../show-page.ts';
import type { PageTools } from '../tools.ts';

export interface SignedInCall extends Visit {
  readonly session: Session;
  readonly user: User;
  readonly fields: Readonly<Record<string, string>>;
  /** Renders the page, with the name of the user whose account it is. */
  show(view: string, data: PageData): FastifyReply;
  /** The redirect for a form whose session ended before its transaction. */
  leave(): Promise<FastifyReply>;
}

/** A request to the page, with or without a session. */
interface Visit {
  readonly tools: PageTools;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface Handlers {
  readonly query?: Page['query'];
  /** What it needs beyond a session: users are sent to prove it, and come back to this page. */
  readonly needs?: PageNeeds;
  show(call: SignedInCall): Promise<FastifyReply>;
  submit?(call: SignedInCall): Promise<FastifyReply>;
  /** The path to redirect to when the user of a form is signed out already; undefined: the sign-in. */
  over?(tools: PageTools, request: FastifyRequest): Promise<string | undefined>;
}

type PageHandlers = Handlers & { readonly path: string };

/** A page for a user who is signed in; others are sent to sign in first. */
export function signedInPage(path: string, handlers: Handlers): Page {
  const { query, show, submit } = handlers;
  const page: PageHandlers = { ...handlers, path };
  return {
    path,
    needsSession: true,
    ...(query && { query }),
    show: (tools, request, reply) =>
      withSession(page, { tools, request, reply }, (call) => checkNeeds(page, call, () => show(call))),
    ...(submit && {
      // The form is checked below: a user who is signed out is sent to sign in, whatever the form is.
      submit: fromAnywhere((tools, request, reply) =>
        withSession(page, { tools, request, reply }, (call) => {
          checkForm(tools, request, call.fields, path);
          return checkNeeds(page, call, () => submit(call));
        }),
      ),
    }),
  };
}

async function withSession(
  page: PageHandlers,
  visit: Visit,
  go: (call: SignedInCall) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { tools, request, reply } = visit;
  const session = await sessionOf(tools, request);
  const user = session && (await findUser(tools, session.sub));
  const leaveSignedOut = () => leave(page, visit);
  if (!session || !user) return leaveSignedOut();
  const show = (view: string, data: PageData) =>
    showForm(tools, request, reply, { view, purpose: page.path, data: { ...data, user: personOf(user) } });
  return go({ ...visit, session, user, fields: formFields(request.body), show, leave: leaveSignedOut });
}

/** Runs `go` if the user meets the needs of the page, otherwise redirects to the step that is missing. */
async function checkNeeds(
  { path, needs }: PageHandlers,
  { tools, request, reply }: Visit,
  go: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  if (!needs) return go();
  const sent = request.method === 'GET' ? ownQuery(tools, request) : {};
  const call = { ...browserOf(tools, request), source: sourceOf(tools, request) };
  const checked = await checkPageNeeds(tools, { ...call, needs, path: withQuery(path, sent) });
  return checked === PASSED ? go() : seeStep(tools, reply, checked);
}

/** The redirect for a user without a session. It does not say that nothing was changed: a form sent twice acted the first time. */
async function leave(page: PageHandlers, visit: Visit): Promise<FastifyReply> {
  const { path, needs, over } = page;
  const { tools, request, reply } = visit;
  if (request.method === 'POST') {
    const end = await over?.(tools, request);
    if (end !== undefined) return seeOther(tools, reply, end);
    leaveNotice(tools, reply, path === '/account/password' ? 'password' : 'over');
  }
  if (needs) return checkNeeds(page, visit, async () => seeOther(tools, reply, path));
  return seeOther(tools, reply, `/login${carriedQuery({ onward: onwardOf(tools, path) })}`);
}

/** The path of a page of a list, which begins after the row `after`, or with the first one. */
export function placeIn(path: string, after: string | undefined): string {
  return withQuery(path, after ? { after } : {});
}

function withQuery(path: string, members: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(members).toString();
  return query === '' ? path : `${path}?${query}`;
}

function personOf({ username, email, claims: { name } }: User) {
  return { username, others: [name, email].filter((one) => one && one !== username) };
}
