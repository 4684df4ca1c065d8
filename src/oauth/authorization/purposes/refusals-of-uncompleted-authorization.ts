/** How an authorization is refused that ends without what was asked. */
import { refuse } from '../../../lib/outcome.ts';
import type { AuthorizationRefusal } from '../authorization-request-types.ts';
import type { NextStep } from '../decide-next-step.ts';

/** RFC 6749 §4.1.2.1 */
export function userDenied(): AuthorizationRefusal {
  return refuse('access_denied', 'user_denied', 'the user denied the request');
}

/** OpenID Connect Core Error Code unmet_authentication_requirements 1.0 §2 */
export function acrNotReached(): AuthorizationRefusal {
  return refuse(
    'unmet_authentication_requirements',
    'acr_not_reached',
    'the user signed in, but not in a way that reaches what is essential',
  );
}

/** OpenID Connect Core §3.1.2.6 */
export function wouldHaveToAct({ step, reason }: NextStep): AuthorizationRefusal {
  return refuse(
    step.errorWhenSilent,
    reason,
    'the user would have to act, or is not the one who was asked for',
  );
}
