import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../../identity/sessions/sessions.ts';
import { findUser, type User } from '../../../identity/users/users.ts';
import { PASSED } from '../../../lib/outcome.ts';
import { checkPageNeeds, type PageNeeds } from '../../../oauth/page-models/account-page.ts';
import { formFields } from '../../form.ts';
import { sourceOf } from '../../request-source.ts';
import { checkForm } from '../form-check.ts';
import { leaveNotice } from '../notice.ts';
import { onwardOf } from '../onward.ts';
import {
  browserOf,
  carriedQuery,
  type Page,
  type PageData,
  seeOther,
  seeStep,
  sessionOf,
  showForm,
} from '../page.ts';
import { ownQuery } from '../query.ts';
import { fromAnywhere } from '../submission.ts';
import type { PageTools } from '../tools.ts';

export interface SignedInCall extends Visit {
  readonly session: Session;
  readonly user: User;
  readonly fields: Readonly<Record<string, string>>;
  /** The page of this address, which says whose account it is. */
  show(view: string, data: PageData): FastifyReply;
  /** Where a form leads whose session is over by the time that counts. */
  leave(): Promise<FastifyReply>;
}

/** By whomever. */
interface Visit {
  readonly tools: PageTools;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface Handlers {
  readonly query?: Page['query'];
  /** What it wants of them beyond a session: they are sent to prove it, and come back to this very page. */
  readonly needs?: PageNeeds;
  show(call: SignedInCall): Promise<FastifyReply>;
  submit?(call: SignedInCall): Promise<FastifyReply>;
  /** Where a form leads whose person is signed out already; undefined: to sign in. */
  over?(tools: PageTools, request: FastifyRequest): Promise<string | undefined>;
}

type Handled = Handlers & { readonly path: string };

/** A page for somebody who is signed in; everybody else is sent to sign in first. */
export function signedInPage(path: string, handlers: Handlers): Page {
  const { query, show, submit } = handlers;
  const page: Handled = { ...handlers, path };
  return {
    path,
    ...(query && { query }),
    show: (tools, request, reply) =>
      enter(page, { tools, request, reply }, (call) => prove(page, call, () => show(call))),
    ...(submit && {
      // Asked for below: who is signed out is sent to sign in, whatever was sent.
      submit: fromAnywhere((tools, request, reply) =>
        enter(page, { tools, request, reply }, (call) => {
          checkForm(tools, request, call.fields, path);
          return prove(page, call, () => submit(call));
        }),
      ),
    }),
  };
}

async function enter(
  page: Handled,
  visit: Visit,
  go: (call: SignedInCall) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { tools, request, reply } = visit;
  const session = await sessionOf(tools, request);
  const user = session && (await findUser(tools, session.sub));
  const out = () => leave(page, visit);
  if (!session || !user) return out();
  const show = (view: string, data: PageData) =>
    showForm(tools, request, reply, { view, purpose: page.path, data: { ...data, user: personOf(user) } });
  return go({ ...visit, session, user, fields: formFields(request.body), show, leave: out });
}

/** `go` is for who meets the needs of the page. */
async function prove(
  { path, needs }: Handled,
  { tools, request, reply }: Visit,
  go: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  if (!needs) return go();
  const sent = request.method === 'GET' ? ownQuery(tools, request) : {};
  const call = { ...browserOf(tools, request), source: sourceOf(tools, request) };
  const checked = await checkPageNeeds(tools, { ...call, needs, path: withQuery(path, sent) });
  return checked === PASSED ? go() : seeStep(tools, reply, checked);
}

/** Nobody is told that nothing was changed: what was sent twice was done the first time. */
async function leave(page: Handled, visit: Visit): Promise<FastifyReply> {
  const { path, needs, over } = page;
  const { tools, request, reply } = visit;
  if (request.method === 'POST') {
    const end = await over?.(tools, request);
    if (end !== undefined) return seeOther(tools, reply, end);
    leaveNotice(tools, reply, path === '/account/password' ? 'password' : 'over');
  }
  if (needs) return prove(page, visit, async () => seeOther(tools, reply, path));
  return seeOther(tools, reply, `/login${carriedQuery({ onward: onwardOf(path) })}`);
}

/** A page of a list, from its first or from what came `after`. */
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
