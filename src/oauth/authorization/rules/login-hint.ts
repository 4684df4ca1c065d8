import { LONGEST_LOGIN } from '../../../identity/login-name.ts';
import { type AddressedRequest, type Found, foundAsked } from './rule.ts';

/**
 * OpenID Connect Core §3.1.2.1 login_hint. What is longer than any name that signs in names nobody, and a part of it is
 * not what was asked for.
 */
export function checkLoginHint({ parameters }: AddressedRequest): Found {
  const login_hint = parameters.get('login_hint');
  const isName = login_hint !== undefined && login_hint.length <= LONGEST_LOGIN;
  return foundAsked({ login_hint: isName ? login_hint : undefined });
}
