import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../../identity/sessions/sessions.ts';
import { findUser, type User } from '../../../identity/users/users.ts';
import { formFields } from '../../form.ts';
import { checkForm } from '../form-check.ts';
import { leaveNotice } from '../notice.ts';
import { onwardOf } from '../onward.ts';
import { carriedQuery, type Page, type PageData, seeOther, sessionOf, showForm } from '../page.ts';
import { fromAnywhere } from '../submission.ts';
import type { PageTools } from '../tools.ts';

export interface SignedInCall {
  readonly tools: PageTools;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly session: Session;
  readonly user: User;
  readonly fields: Readonly<Record<string, string>>;
  /** The page of this address, which says whose account it is. */
  show(view: string, data: PageData): FastifyReply;
  /** Where a form leads whose session is over by the time that counts. */
  leave(): Promise<FastifyReply>;
}

/** A page for somebody who is signed in; everybody else is sent to sign in first. */
export function signedInPage(
  path: string,
  handlers: {
    readonly query?: Page['query'];
    show(call: SignedInCall): Promise<FastifyReply>;
    submit?(call: SignedInCall): Promise<FastifyReply>;
    /** Where a form leads whose person is signed out already; undefined: to sign in. */
    over?(tools: PageTools, request: FastifyRequest): Promise<string | undefined>;
  },
): Page {
  async function enter(
    tools: PageTools,
    request: FastifyRequest,
    reply: FastifyReply,
    go: (call: SignedInCall) => Promise<FastifyReply>,
  ): Promise<FastifyReply> {
    const session = await sessionOf(tools, request);
    const user = session && (await findUser(tools, session.sub));
    const out = () => leave(tools, request, reply);
    if (!session || !user) return out();
    const show = (view: string, data: PageData) =>
      showForm(tools, request, reply, { view, purpose: path, data: { ...data, user: personOf(user) } });
    return go({ tools, request, reply, session, user, fields: formFields(request.body), show, leave: out });
  }

  /** Nobody is told that nothing was changed: what was sent twice was done the first time. */
  async function leave(
    tools: PageTools,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const signIn = `/login${carriedQuery({ onward: onwardOf(path) })}`;
    if (request.method !== 'POST') return seeOther(tools, reply, signIn);
    const end = await over?.(tools, request);
    if (end !== undefined) return seeOther(tools, reply, end);
    leaveNotice(tools, reply, path === '/account/password' ? 'password' : 'over');
    return seeOther(tools, reply, signIn);
  }

  const { query, submit, over } = handlers;
  return {
    path,
    ...(query && { query }),
    show: (tools, request, reply) => enter(tools, request, reply, handlers.show),
    ...(submit && {
      // Asked for below: who is signed out is sent to sign in, whatever was sent.
      submit: fromAnywhere((tools, request, reply) =>
        enter(tools, request, reply, (call) => {
          checkForm(tools, request, call.fields, path);
          return submit(call);
        }),
      ),
    }),
  };
}

/** A page of a list, from its first or from what came `after`. */
export function placeIn(path: string, after: string | undefined): string {
  return after ? `${path}?${new URLSearchParams({ after })}` : path;
}

function personOf({ username, email, claims: { name } }: User) {
  return { username, others: [name, email].filter((one) => one && one !== username) };
}
