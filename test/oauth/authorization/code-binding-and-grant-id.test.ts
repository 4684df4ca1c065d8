/** What a code is bound to, and how its grant knows it again. RFC 6749 §4.1.2, RFC 7636 §4.4 */
import { expect, it } from 'vitest';
import { codeBinding, grantIdOfCode } from '../../../src/oauth/authorization/code-binding-and-grant-id.ts';

const GRANT = `${'0'.repeat(9)}${'A'.repeat(27)}`;
const CODE = `${GRANT}.${'b'.repeat(52)}`;
const shown = { client_id: 'app', redirect_uri: 'https://a.example/cb', code_challenge: undefined };

it('a code leads to its grant, and what is no code to none', () => {
  expect(grantIdOfCode(CODE)).toBe(GRANT);
  for (const text of [
    '',
    GRANT,
    `${GRANT}.`,
    CODE.slice(1),
    CODE.slice(0, -1),
    `${CODE}b`,
    ` ${CODE}`,
    `${CODE}\n`,
    `w${CODE.slice(1)}`,
    CODE.replace('.', '-'),
    CODE.replace('bb', 'b='),
  ])
    expect(grantIdOfCode(text), JSON.stringify(text)).toBeUndefined();
});

it('the binding is that of this code, client and redirect_uri', () => {
  const bound = codeBinding(CODE, shown);
  expect(bound).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(codeBinding(CODE, { ...shown })).toBe(bound);
  for (const other of [
    codeBinding(`${CODE.slice(0, -1)}c`, shown),
    codeBinding(CODE, { ...shown, client_id: 'other' }),
    codeBinding(CODE, { ...shown, redirect_uri: 'https://a.example/cb2' }),
    codeBinding(CODE, { ...shown, redirect_uri: undefined }),
    codeBinding(CODE, { ...shown, code_challenge: 'c' }),
  ])
    expect(other).not.toBe(bound);
});

it('where PKCE binds the code, redirect_uri has no part in its hash, and the challenge binds it', () => {
  const bound = codeBinding(CODE, { ...shown, code_challenge: 'c' });
  expect(codeBinding(CODE, { ...shown, redirect_uri: undefined, code_challenge: 'c' })).toBe(bound);
  expect(codeBinding(CODE, { ...shown, code_challenge: 'd' })).not.toBe(bound);
});
