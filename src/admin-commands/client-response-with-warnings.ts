/** A client as it is printed, with warnings for the operator. RFC 7591 §3.2.1 */
import { isRefusal, type Refusal } from '../lib/outcome.ts';
import { warnOfClearText } from '../oauth/clients/clear-text-redirect-warning.ts';
import { registrationResponse } from '../oauth/clients/registration-response.ts';
import type { Registered } from '../oauth/clients/registry-result-and-audit.ts';
import type { Printed } from './verb-output-types.ts';
import { WithNotice } from './verb-output-types.ts';

/** The RFC 7591 response, with warnings where there are any; a Refusal is returned unchanged. */
export function describeOutcome(
  outcome: Registered | Refusal,
  { client_secret, more }: { readonly client_secret?: string | undefined; readonly more?: object } = {},
): Printed {
  if (isRefusal(outcome)) return outcome;
  const sentences = [warnOfClearText([outcome.client]), warnOfSecret(client_secret)];
  const warnings = sentences.filter((sentence) => sentence !== undefined);
  const response = { ...registrationResponse(outcome), ...more };
  return warnings.length === 0 ? response : new WithNotice(response, warnings.join('; '));
}

/** RFC 6749 §2.3.1: Basic form-encodes the secret, and libraries that do not send another value. */
function warnOfSecret(client_secret = ''): string | undefined {
  return /[+%]/.test(client_secret)
    ? 'the client_secret has + or %, which some libraries encode by Basic and others do not: both are taken here, but one without them is safer'
    : undefined;
}
