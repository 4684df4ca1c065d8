/** What a page says once, after the act that it speaks of: from a cookie, since anybody can write a link. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PageTools } from './tools.ts';

/** Whose session is over is led to the sign-in, or to the chooser where others are signed in: both say the same. */
export const OVER_NOTICES = ['over', 'password'] as const;

export type Notice =
  | (typeof OVER_NOTICES)[number]
  | 'password-changed'
  | 'session-ended'
  | 'sessions-ended'
  | 'revoked';

/** For the page that the answer leads to. */
export function leaveNotice({ cookies }: PageTools, reply: FastifyReply, notice: Notice): void {
  cookies.set(reply, 'notice', notice);
}

/** The one that was left for a page that knows these; it is gone then. */
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
