import { z } from 'zod';
import { isWithin } from '../../access/scope-resources-claims.ts';
import type { Client } from '../../clients/client.ts';
import { isSelfRegistered } from '../../clients/self-registered.ts';
import { assuresIdentity } from '../../redirect-uri.ts';
import type { AskedRequest } from '../authorization-request.ts';
import { doneIn } from './done.ts';
import { type AccessStep, NOTHING_NEEDED, needed, type Situation } from './step.ts';

const consented = z.object({
  /** A decision does not carry over to another person. */
  decided: z.object({ decision: z.enum(['allow', 'deny']), sub: z.string() }).optional(),
  /** What was allowed here and was not before, and by whom: a denial takes it back. */
  added: z.object({ sub: z.string(), access: z.looseObject({}) }).optional(),
});

/** What the consent page stores in an interaction. */
export type Consented = z.infer<typeof consented>;

/** OpenID Connect Core §3.1.2.4 */
export const consent: AccessStep<Consented> = {
  name: 'consent',
  about: 'access',
  page: 'consent',
  errorWhenSilent: 'consent_required',
  reasons: ['prompt_consent', 'identity_not_assured', 'not_consented'],
  done: consented,
  // The consent that it was added to lasts, too.
  remains: ({ added }) => added && { added },
  needed(situation) {
    const { request, client } = situation;
    // What was allowed here is remembered with it; where it is not, it was withdrawn since.
    if (decisionIn(situation) === 'allow' && isRemembered(situation)) return NOTHING_NEEDED;
    if (request.asked.prompt.includes('consent')) return needed('prompt_consent');
    // RFC 8252 §8.6: a client that any app on the device can pose as is never approved silently, even the operator's own.
    if (canBeImpersonated(client) && !isIdentityAssured(request)) return needed('identity_not_assured');
    if (client.confidential && client.metadata.first_party) return NOTHING_NEEDED;
    return isRemembered(situation) ? NOTHING_NEEDED : needed('not_consented');
  },
};

/** What the person who is signed in now decided. */
export function decisionIn({ session, done }: Pick<Situation, 'session' | 'done'>) {
  const decided = doneIn(done, consent)?.decided;
  return decided?.sub === session?.sub ? decided?.decision : undefined;
}

/** Where no redirect says whose the app is, nothing does. */
export function isIdentityAssured({ target }: AskedRequest): boolean {
  return target !== undefined && assuresIdentity(target.redirect_uri);
}

/** Public, native or self-registered: a secret in an app on a device, or given to any registrant, proves nothing. */
export function canBeImpersonated(client: Client): boolean {
  return !client.confidential || client.metadata.application_type === 'native' || isSelfRegistered(client);
}

function isRemembered({ consent: remembered, request }: Situation): boolean {
  return remembered !== undefined && isWithin(request.asked.access, remembered);
}
