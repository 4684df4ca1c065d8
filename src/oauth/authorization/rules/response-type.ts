import { type Checked, PASSED, refuse } from '../../../lib/outcome.ts';
import type { AuthorizationRefusal } from '../authorization-request-types.ts';
import type { AddressedRequest } from './rule.ts';

/** RFC 6749 §3.1.1 */
export function checkResponseType({ client, parameters }: AddressedRequest): Checked<AuthorizationRefusal> {
  const response_type = parameters.get('response_type');
  if (response_type === undefined)
    return refuse('invalid_request', 'missing_response_type', 'response_type is missing');
  if (response_type !== 'code') {
    return refuse('unsupported_response_type', 'unsupported_response_type', 'response_type must be code');
  }
  if (!client.metadata.grant_types.includes('authorization_code')) {
    return refuse(
      'unauthorized_client',
      'response_type_not_allowed',
      'this client may not use response_type code',
    );
  }
  return PASSED;
}
