import { OAuthError } from '../../oauth/errors.ts';
import { consentSituation, decideConsent } from '../../oauth/requests/interaction.ts';
import { formFields, queryPairs } from '../form.ts';
import { sourceOf } from '../source.ts';
import { browserOf, checkForm, type Page, seeOther, showForm } from './page.ts';

/** OpenID Connect Core §3.1.2.4 */
export const consentPage: Page = {
  path: '/consent',

  async show(tools, request, reply) {
    const interaction = new Map(queryPairs(request.url)).get('interaction') ?? '';
    const situation = await consentSituation(tools, { interaction, ...browserOf(tools, request) });
    return showForm(tools, request, reply, {
      view: 'consent',
      purpose: `consent ${interaction}`,
      data: { ...situation, interaction },
      leavesOrigin: true,
    });
  },

  async submit(tools, request, reply) {
    const fields = formFields(request.body);
    const { interaction = '', decision } = fields;
    checkForm(tools, request, fields, `consent ${interaction}`);
    if (decision !== 'allow' && decision !== 'deny') {
      throw new OAuthError('invalid_request', 'missing_decision', 'the form came without a decision');
    }
    await decideConsent(tools, {
      interaction,
      decision,
      ...browserOf(tools, request),
      source: sourceOf(tools, request),
    });
    return seeOther(tools, reply, `/authorize/resume?interaction=${encodeURIComponent(interaction)}`);
  },
};
