import { isSameUri } from '../../../lib/same-uri.ts';
import type { Client } from '../../clients/client.ts';
import { isSelfRegistered } from '../../clients/self-registered.ts';
import { assuresIdentity } from '../../redirect-uri.ts';
import { isSubset, parseScope } from '../../scope.ts';
import { NOTHING_NEEDED, needed, type Situation, type Step } from './step.ts';

/** OpenID Connect Core §3.1.2.4 */
export const consent: Step = {
  name: 'consent',
  page: 'consent',
  errorWhenSilent: 'consent_required',
  reasons: ['prompt_consent', 'identity_not_assured', 'not_consented'],
  needed(situation) {
    const { interaction, session, request, client } = situation;
    const isAllowed = interaction?.decision === 'allow' && interaction.decidedSub === session?.sub;
    // What was allowed here is remembered with it; where it is not, it was withdrawn since.
    if (isAllowed && isRemembered(situation)) return NOTHING_NEEDED;
    if (request.asked.prompt.includes('consent')) return needed('prompt_consent');
    // RFC 8252 §8.6: an app that anybody on the device can pose as is never approved silently, the operator's own neither.
    if (isAnybodys(client) && !assuresIdentity(request.target.redirect_uri))
      return needed('identity_not_assured');
    if (client.confidential && client.metadata.first_party) return NOTHING_NEEDED;
    return isRemembered(situation) ? NOTHING_NEEDED : needed('not_consented');
  },
};

/** Public, native, or by nobody's word: a secret in an app on a device, or that a stranger was given, is no proof. */
export function isAnybodys(client: Client): boolean {
  return !client.confidential || client.metadata.application_type === 'native' || isSelfRegistered(client);
}

function isRemembered({ consent: remembered, request }: Situation): boolean {
  return (
    remembered !== undefined &&
    isSubset(parseScope(request.asked.scope) ?? [], remembered.scope) &&
    request.asked.resources.every((one) => remembered.resources.some((allowed) => isSameUri(allowed, one))) &&
    isSubset(request.asked.single_claims ?? [], remembered.claims)
  );
}
