/** The key that a request names ahead. RFC 9449 §10 */
import { afterEach, expect, it } from 'vitest';
import { PASSED } from '../../../../src/lib/outcome.ts';
import { checkConfirmation } from '../../../../src/oauth/authorization/rules/code-bound-to-key.ts';
import type { AddressedRequest } from '../../../../src/oauth/authorization/rules/rule.ts';
import type { Binding } from '../../../../src/oauth/bindings/binding.ts';
import { bindings } from '../../../../src/oauth/bindings/index.ts';
import { NOT_SHOWN } from '../../../../src/oauth/bindings/shown-key-evidence.ts';
import { readParameters } from '../../../../src/oauth/parameters.ts';

const row = (name: string, parameter?: string): Binding => ({
  name,
  member: `of_${name}`,
  ...(parameter === undefined ? {} : { parameter }),
  prove: () => NOT_SHOWN,
});
const check = (pairs: [string, string][]) =>
  checkConfirmation({ parameters: readParameters(pairs) } as AddressedRequest);

afterEach(() => void (bindings as Binding[]).splice(0));

it('a request that names no key binds its code to none, whatever the table offers', () => {
  expect(check([['toy_key', 'k']])).toBe(PASSED);
  (bindings as Binding[]).push(row('toy', 'toy_key'), row('silent'));
  expect(check([['scope', 'openid']])).toBe(PASSED);
});

it('each key that is named binds the code, by the member of its row', () => {
  (bindings as Binding[]).push(row('toy', 'toy_key'), row('other', 'other_key'), row('silent'));
  expect(check([['toy_key', 'k']])).toMatchObject({ code: { confirmation: { of_toy: 'k' } } });
  expect(
    check([
      ['toy_key', 'k'],
      ['other_key', 'o'],
    ]),
  ).toMatchObject({ code: { confirmation: { of_toy: 'k', of_other: 'o' } } });
});
