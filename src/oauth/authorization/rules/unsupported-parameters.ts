import { type Checked, PASSED, refuse } from '../../../lib/outcome.ts';
import type { AuthorizationRefusal } from '../authorization-request-types.ts';
import type { AddressedRequest } from './rule.ts';

const CODES = {
  request: 'request_not_supported',
  request_uri: 'request_uri_not_supported',
  registration: 'registration_not_supported',
} as const;

/** OpenID Connect Core §3.1.2.6: refused by name, never ignored. */
export function checkUnsupported({ parameters }: AddressedRequest): Checked<AuthorizationRefusal> {
  const unsupported = (['request', 'request_uri', 'registration'] as const).find(
    (name) => parameters.get(name) !== undefined,
  );
  if (unsupported === undefined) return PASSED;
  const code = CODES[unsupported];
  return refuse(code, code, `${unsupported} is not supported`);
}
