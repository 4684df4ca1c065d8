import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../../identity/sessions.ts';
import { findUser, type User } from '../../../identity/users.ts';
import { formFields } from '../../form.ts';
import { checkForm, type Page, type PageTools, seeOther, sessionOf } from '../page.ts';

export interface SignedInCall {
  readonly tools: PageTools;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly session: Session;
  readonly user: User;
  readonly fields: Readonly<Record<string, string>>;
}

/** A page for somebody who is signed in; everybody else is sent to sign in first. */
export function signedInPage(
  path: string,
  handlers: {
    show(call: SignedInCall): Promise<FastifyReply>;
    submit?(call: SignedInCall): Promise<FastifyReply>;
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
    if (!session || !user) return seeOther(tools, reply, '/login');
    return go({ tools, request, reply, session, user, fields: formFields(request.body) });
  }

  const { show, submit } = handlers;
  return {
    path,
    show: (tools, request, reply) => enter(tools, request, reply, show),
    ...(submit && {
      submit: (tools: PageTools, request: FastifyRequest, reply: FastifyReply) =>
        enter(tools, request, reply, (call) => {
          checkForm(tools, request, call.fields, path);
          return submit(call);
        }),
    }),
  };
}
