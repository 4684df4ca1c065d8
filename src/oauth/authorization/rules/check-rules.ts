/** Asks the rules of a kind of request in their order. */
import { isRefusal, PASSED } from '../../../lib/outcome.ts';
import { type AuthorizationRefusal, NOTHING_ASKED } from '../authorization-request-types.ts';
import type { AddressedRequest, Findings, Found, Rule } from './rule.ts';

/** What all rules of this kind found, or the first refusal. What no rule finds is not asked. */
export async function checkRules<Kind extends string>(
  rules: readonly Rule<Kind>[],
  kind: Kind,
  request: AddressedRequest,
): Promise<Findings | AuthorizationRefusal> {
  let findings: Findings = { asked: NOTHING_ASKED, code: {} };
  for (const rule of rules) {
    if (!rule[kind]) continue;
    const outcome = await rule.check(request, findings);
    if (outcome === PASSED) continue;
    if (isRefusal(outcome)) return outcome;
    findings = withFound(findings, outcome);
  }
  return findings;
}

function withFound({ asked, code }: Findings, found: Found): Findings {
  const access = { ...asked.access, ...found.asked.access };
  return { asked: { ...asked, ...found.asked, access }, code: { ...code, ...found.code } };
}
