import type { FastifyReply } from 'fastify';
import type { StepBefore } from '../../oauth/page-models/account-page-step-up.ts';
import { noStore } from '../response-headers.ts';
import { carriedQuery } from './interaction-in-urls-and-forms.ts';
import type { PageTools } from './tools-given-to-pages.ts';

/**
 * Redirects with 303, so the browser sends a GET. `path` begins with / and is added to the issuer's path. RFC 9110
 * §15.4.4
 */
export function seeOther(tools: PageTools, reply: FastifyReply, path: string): FastifyReply {
  return noStore(reply).redirect(`${tools.settings.basePath}${path}`, 303);
}

/** Redirects to the page of a step, and sets the browser cookie where the step made one. */
export function seeStep(tools: PageTools, reply: FastifyReply, step: StepBefore): FastifyReply {
  if (step.browser !== undefined) tools.cookies.set(reply, 'browser', step.browser);
  return seeOther(tools, reply, `/${step.page}${carriedQuery(step)}`);
}
