/** A message that a page shows once, after an action. It is in a cookie, because any site could put it into a link. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PageTools } from './tools-given-to-pages.ts';

/** What a page declares of its messages. */
export interface Noticing<Notice extends string> {
  readonly notices?: readonly Notice[];
}

/** A user whose session ended is sent to the sign-in, or to the chooser where others are signed in; both show these. */
export const SESSION_OVER = { notices: ['over', 'password'] } as const;

/** Sets a notice of the page that the answer redirects to. */
export function leaveNotice<Notice extends string>(
  { cookies }: Pick<PageTools, 'cookies'>,
  reply: FastifyReply,
  _page: Noticing<Notice>,
  notice: NoInfer<Notice>,
): void {
  cookies.set(reply, 'notice', notice);
}

/** The notice, if it is one that the requested page declares; it is then deleted. */
export function takeNotice(
  { cookies, ownNotices }: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
): string | undefined {
  const left = cookies.read(request, 'notice');
  const notice = ownNotices.find((one) => one === left);
  if (notice) cookies.clear(reply, 'notice');
  return notice;
}
