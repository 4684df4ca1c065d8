import { z } from 'zod';
import { isWithin } from '../../access/access-set-operations.ts';
import type { Client } from '../../clients/client.ts';
import { isSelfRegistered } from '../../clients/is-self-registered.ts';
import { assuresIdentity } from '../../redirect-uri-kind.ts';
import type { AskedRequest } from '../authorization-request-types.ts';
import type { Situation } from '../situation-for-next-step.ts';
import { doneIn } from './done-steps.ts';
import { type AccessStep, NOTHING_NEEDED, needed } from './step.ts';

const consented = z.object({
  /** A decision does not apply to another user. */
  decided: z.object({ decision: z.enum(['allow', 'deny']), sub: z.string() }).optional(),
  /** What this user allowed in this interaction and not before: a later denial withdraws it. */
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
  // The remembered consent that it was added to stays as well.
  remains: ({ added }) => added && { added },
  needed(situation) {
    const { request, client } = situation;
    // Allowing stores the consent in the same transaction; if it is not stored, it was withdrawn since.
    if (decisionIn(situation) === 'allow' && isRemembered(situation)) return NOTHING_NEEDED;
    if (request.asked.prompt.includes('consent')) return needed('prompt_consent');
    // RFC 8252 §8.6: a client that any app on the device can pose as is never approved silently, even the operator's own.
    if (canBeImpersonated(client) && !isIdentityAssured(request)) return needed('identity_not_assured');
    if (client.confidential && client.metadata.first_party) return NOTHING_NEEDED;
    return isRemembered(situation) ? NOTHING_NEEDED : needed('not_consented');
  },
};

/** The decision of the user who is signed in now. */
export function decisionIn({ session, done }: Pick<Situation, 'session' | 'done'>) {
  const decided = doneIn(done, consent)?.decided;
  return decided?.sub === session?.sub ? decided?.decision : undefined;
}

/** Only a redirect URI can show whose the app is: false where the answer is no redirect. */
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
