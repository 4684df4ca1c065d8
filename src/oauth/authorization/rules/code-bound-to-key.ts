import { PASSED } from '../../../lib/outcome.ts';
import { bindings } from '../../bindings/index.ts';
import { type AddressedRequest, type Found, foundForCode } from './rule.ts';

/** RFC 9449 §10 dpop_jkt: a key that the request names; only a request that shows that key redeems its code. */
export function checkConfirmation({ parameters }: AddressedRequest): typeof PASSED | Found {
  const named = bindings.flatMap(({ member, parameter }): [string, string][] => {
    const value = parameter === undefined ? undefined : parameters.get(parameter);
    return value === undefined ? [] : [[member, value]];
  });
  return named.length === 0 ? PASSED : foundForCode({ confirmation: Object.fromEntries(named) });
}
