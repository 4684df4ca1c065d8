/** A client that signs with its own key. RFC 7523 §2.2, §3; OpenID Connect Core §9 */
import { signingAlgorithms } from '../../keys/make-and-verify-signatures.ts';
import { PUBLIC_KEYS } from '../verify-client-jwt.ts';
import { assertionMethod } from './assertion-method.ts';

export const privateKeyJwt = assertionMethod({
  name: 'private_key_jwt',
  credential: 'keys',
  algorithms: signingAlgorithms,
  keysOf: () => PUBLIC_KEYS,
});
