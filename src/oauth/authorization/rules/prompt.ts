import { refuse } from '../../../lib/outcome.ts';
import { type AuthorizationRefusal, promptValues } from '../authorization-request-types.ts';
import { type AddressedRequest, type Found, foundAsked } from './rule.ts';

/** OpenID Connect Core §3.1.2.1 prompt: the values that are known, each once; none where there is no parameter. */
export function checkPrompt({ parameters }: AddressedRequest): Found | AuthorizationRefusal {
  const text = parameters.get('prompt') ?? '';
  const sent = new Set(text.split(' ').filter((value) => value !== ''));
  if (sent.has('none') && sent.size > 1) {
    return refuse('invalid_request', 'prompt_none_with_others', 'prompt none goes with no other value');
  }
  return foundAsked({ prompt: promptValues.filter((value) => sent.has(value)) });
}
