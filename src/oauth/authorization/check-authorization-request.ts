/** The authorization request: who asks, where the answer goes, then the table of rules. RFC 6749 §4.1.1 */
import { isRefusal } from '../../lib/outcome.ts';
import { throwRefusal } from '../errors.ts';
import type { Parameters } from '../parameters.ts';
import type { CheckedRequest } from './authorization-request-types.ts';
import type { RulesContext } from './context.ts';
import { findTarget } from './find-response-target.ts';
import { checkRules } from './rules/check-rules.ts';
import { rules } from './rules/index.ts';
import { isToldAfterSignIn, refusedRequest } from './self-registered-error-after-sign-in.ts';

/** Throws OAuthError while client_id and redirect_uri are not trusted; from then on a refusal is redirected. */
export async function checkAuthorizationRequest(
  context: RulesContext,
  parameters: Parameters,
): Promise<CheckedRequest> {
  const found = await findTarget(context, parameters);
  // RFC 6749 §4.1.2.1
  if (isRefusal(found)) throwRefusal(found, { status: 400 });
  const { client, target, redirect_uri_sent } = found;
  const checked = await checkRules(rules, 'authorize', { context, client, parameters });
  if (!isRefusal(checked)) {
    const { asked, code } = checked;
    const { client_id } = client;
    return { client, request: { client_id, asked, target, code: { redirect_uri_sent, ...code } } };
  }
  return isToldAfterSignIn(client, parameters)
    ? { client, request: refusedRequest(client, target, checked) }
    : { client, target, refusal: checked };
}
