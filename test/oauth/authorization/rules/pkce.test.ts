/** What is refused of the PKCE of a request, by its reason. RFC 7636 §4.3, §4.4.1 */
import { expect, it } from 'vitest';
import { checkPkce } from '../../../../src/oauth/authorization/rules/pkce.ts';
import type { AddressedRequest, Findings } from '../../../../src/oauth/authorization/rules/rule.ts';

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** A request of a public client. */
function checked(parameters: Record<string, string>) {
  const client = { confidential: false, profile: 'oidc', metadata: {} };
  const request = { client, parameters: new Map(Object.entries(parameters)) };
  const findings = { asked: { access: { scope: ['openid'] } } };
  return checkPkce(request as unknown as AddressedRequest, findings as unknown as Findings);
}

it('Z12 S256 and a challenge are found for the code', () => {
  expect(checked({ code_challenge: CHALLENGE, code_challenge_method: 'S256' })).toEqual({
    asked: {},
    code: { code_challenge: CHALLENGE },
  });
});

it.each<[string, string, Record<string, string>]>([
  ['Z12 no PKCE of a public client', 'missing_code_challenge', {}],
  ['Z12 a method without a challenge', 'missing_code_challenge', { code_challenge_method: 'S256' }],
  ['Z13 A020 no method', 'wrong_code_challenge_method', { code_challenge: CHALLENGE }],
  [
    'Z13 A020 the method plain',
    'wrong_code_challenge_method',
    { code_challenge: CHALLENGE, code_challenge_method: 'plain' },
  ],
  [
    'Z14 a challenge of 42 characters',
    'malformed_code_challenge',
    { code_challenge: CHALLENGE.slice(1), code_challenge_method: 'S256' },
  ],
])('%s is refused as %s', (_what, reason, parameters) => {
  expect(checked(parameters)).toMatchObject({ error: 'invalid_request', reason });
});
