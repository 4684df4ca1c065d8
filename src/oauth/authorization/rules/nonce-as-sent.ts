import { type AddressedRequest, type Found, foundForCode } from './rule.ts';

/** OpenID Connect Core §3.1.2.1 nonce: whatever it is, the ID token repeats it. */
export function checkNonce({ parameters }: AddressedRequest): Found {
  return foundForCode({ nonce: parameters.get('nonce') });
}
