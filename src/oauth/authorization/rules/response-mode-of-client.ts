import { type Checked, PASSED, refuse } from '../../../lib/outcome.ts';
import type { AuthorizationRefusal } from '../authorization-request-types.ts';
import { DEFAULT_MODE } from '../response-modes/index.ts';
import { responseModesOf } from '../response-modes/modes-of-client.ts';
import type { AddressedRequest } from './rule.ts';

/** Z24 (ASVS 5 V10.4.12): of all modes, those that the client was registered with. */
export function checkResponseMode({ client, parameters }: AddressedRequest): Checked<AuthorizationRefusal> {
  const response_mode = parameters.get('response_mode') ?? DEFAULT_MODE;
  const known = responseModesOf(client).map((mode): string => mode.name);
  if (known.includes(response_mode)) return PASSED;
  return refuse(
    'invalid_request',
    'unsupported_response_mode',
    `response_mode must be one of: ${known.join(', ')}`,
  );
}
