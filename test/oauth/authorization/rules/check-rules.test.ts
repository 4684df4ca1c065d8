/** How a request is held to the rules of its kind. */
import { expect, it } from 'vitest';
import { isRefusal, PASSED, refuse } from '../../../../src/lib/outcome.ts';
import type { Reason } from '../../../../src/lib/refusal-reason.ts';
import { checkRules } from '../../../../src/oauth/authorization/rules/check-rules.ts';
import {
  type AddressedRequest,
  foundAsked,
  foundForCode,
  type Rule,
} from '../../../../src/oauth/authorization/rules/rule.ts';

type Kind = 'front' | 'back';
const request = {} as AddressedRequest;
const rule = (
  name: string,
  check: Rule['check'],
  kinds: Partial<Record<Kind, boolean>> = {},
): Rule<Kind> => ({
  name,
  front: true,
  back: true,
  ...kinds,
  check,
});
const refusing = (reason: Reason) => rule(reason, () => refuse('invalid_request', reason, reason));

it('of two faults the one whose rule comes first is reported, and no later rule runs', async () => {
  let asked = 0;
  const later = rule('later', () => {
    asked += 1;
    return PASSED;
  });
  expect(
    await checkRules([refusing('malformed_max_age'), refusing('malformed_claims'), later], 'front', request),
  ).toMatchObject({
    refused: true,
    reason: 'malformed_max_age',
  });
  expect(asked).toBe(0);
});

it('a rule is asked for the kinds that are ticked, and for no other', async () => {
  const rules = [{ ...refusing('malformed_claims'), back: false }];
  expect(isRefusal(await checkRules(rules, 'front', request))).toBe(true);
  expect(isRefusal(await checkRules(rules, 'back', request))).toBe(false);
});

it('what a rule found is there for those after it, and what none found is not asked', async () => {
  const seen: unknown[] = [];
  const found = await checkRules(
    [
      rule('one', () => foundAsked({ access: { scope: ['a'] }, max_age: 1 })),
      rule('two', (_request, findings) => {
        seen.push(findings.asked.access.scope, findings.asked.max_age);
        return foundForCode({ nonce: 'n' });
      }),
      rule('three', async () => foundAsked({ access: { resources: ['r'] }, max_age: 2 })),
    ],
    'front',
    request,
  );
  expect(seen).toEqual([['a'], 1]);
  if (isRefusal(found)) throw new Error(found.reason);
  expect(found.asked).toMatchObject({ access: { scope: ['a'], resources: ['r'] }, max_age: 2, prompt: [] });
  expect(found.code).toEqual({ nonce: 'n' });
});

it('a rule that returns nothing has refused: its request is not accepted', async () => {
  const silent = rule('silent', (() => undefined) as unknown as Rule['check']);
  await expect(checkRules([silent], 'front', request)).rejects.toThrow();
});
