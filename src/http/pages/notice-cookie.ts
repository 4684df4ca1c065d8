/** A notice is in a cookie, because any site could put it into a link. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Notice } from '../../lib/notice.ts';
import type { PageTools } from './tools.ts';

/** A user whose session ended is sent to the sign-in, or to the chooser where others are signed in; both show these. */
export const SESSION_OVER_NOTICES = ['over', 'password'] as const satisfies readonly Notice[];

/** Sets the notice for the page that the answer redirects to. */
export function leaveNotice({ cookies }: PageTools, reply: FastifyReply, notice: Notice): void {
  cookies.set(reply, 'notice', notice);
}

/** The notice, if it is one that the page knows; it is then deleted. */
export function takeNotice(
  { cookies }: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  known: readonly Notice[],
): Notice | undefined {
  const left = cookies.read(request, 'notice');
  const notice = known.find((one) => one === left);
  if (notice) cookies.clear(reply, 'notice');
  return notice;
}
