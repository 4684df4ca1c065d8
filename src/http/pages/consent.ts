import type { FastifyReply } from 'fastify';
import { OAuthError } from '../../oauth/errors.ts';
import { consentSituation, decideConsent } from '../../oauth/page-models/consent.ts';
import { sourceOf } from '../request-source.ts';
import type { FormCall } from './accept-own-form-or-any-post.ts';
import { browserOf } from './browser-session-cookies.ts';
import { ownQuery } from './declared-query-parameters.ts';
import { carriedIn, carriedQuery } from './interaction-in-urls-and-forms.ts';
import { leaveNotice, SESSION_OVER } from './notice-cookie.ts';
import { seeOther } from './redirect.ts';
import { showForm } from './show-page-or-form.ts';
import type { PageTools } from './tools-given-to-pages.ts';
import { pageOfInteraction } from './who-may-open-page.ts';

/** Asks the user whether an app may have the access that it requests. OpenID Connect Core §3.1.2.4 */
export const consentPage = pageOfInteraction({
  path: '/consent',

  async show(tools, request, reply) {
    const query = ownQuery(tools, request);
    const { interaction = '' } = query;
    const situation = await consentSituation(tools, { interaction, ...browserOf(tools, request) });
    if (!situation) return signInAgain(tools, reply, query);
    return showForm(tools, request, reply, {
      view: 'consent',
      purpose: purposeOf(interaction, situation.sub),
      data: { ...situation, interaction },
      leavesOrigin: true,
    });
  },

  form: {
    purpose: ({ interaction = '', user = '' }) => purposeOf(interaction, user),
    submit: decide,
  },
});

async function decide({ tools, request, reply, fields }: FormCall): Promise<FastifyReply> {
  const { interaction = '', user = '', decision } = fields;
  if (decision !== 'allow' && decision !== 'deny') {
    throw new OAuthError('invalid_request', 'missing_decision', 'the form came without a decision');
  }
  const isSignedIn = await decideConsent(tools, {
    interaction,
    decision,
    sub: user,
    ...browserOf(tools, request),
    source: sourceOf(tools, request),
  });
  return isSignedIn ? resume(tools, reply, fields) : signInAgain(tools, reply, fields);
}

function resume(
  tools: PageTools,
  reply: FastifyReply,
  fields: Readonly<Record<string, string>>,
): FastifyReply {
  return seeOther(tools, reply, `/authorize/resume${carriedQuery(carriedIn(tools, fields))}`);
}

/** The session of the user ended meanwhile. */
function signInAgain(
  tools: PageTools,
  reply: FastifyReply,
  fields: Readonly<Record<string, string>>,
): FastifyReply {
  leaveNotice(tools, reply, SESSION_OVER, 'over');
  return resume(tools, reply, fields);
}

/** Includes the user: another user cannot allow what this one was shown. */
function purposeOf(interaction: string, sub: string): string {
  return `consent ${interaction} ${sub}`;
}
