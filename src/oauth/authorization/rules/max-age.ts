import { refuse } from '../../../lib/outcome.ts';
import type { AuthorizationRefusal } from '../authorization-request-types.ts';
import { type AddressedRequest, type Found, foundAsked } from './rule.ts';

/** OpenID Connect Core §3.1.2.1 max_age: seconds; those of the client where the request names none (Registration §2). */
export function checkMaxAge({ client, parameters }: AddressedRequest): Found | AuthorizationRefusal {
  const text = parameters.get('max_age');
  if (text === undefined) return foundAsked({ max_age: client.metadata.default_max_age });
  // As many digits as a number keeps: apps write the largest one of their language for "any age".
  if (!/^\d{1,15}$/.test(text))
    return refuse('invalid_request', 'malformed_max_age', 'max_age must be a number of seconds');
  return foundAsked({ max_age: Number(text) });
}
