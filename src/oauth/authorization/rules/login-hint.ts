import { LONGEST_LOGIN } from '../../../identity/login-name.ts';
import { type AddressedRequest, type Found, foundAsked } from './rule.ts';

/**
 * OpenID Connect Core §3.1.2.1 login_hint. A hint that is longer than any login name names no user. It is dropped, not
 * cut: a part of it is not what was asked for.
 */
export function checkLoginHint({ parameters }: AddressedRequest): Found {
  const login_hint = parameters.get('login_hint');
  const isName = login_hint !== undefined && login_hint.length <= LONGEST_LOGIN;
  return foundAsked({ login_hint: isName ? login_hint : undefined });
}
