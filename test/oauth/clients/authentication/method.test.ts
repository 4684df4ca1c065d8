/** Whether Basic credentials hold a secret. RFC 6749 §2.3.1 */
import { expect, it } from 'vitest';
import { hasSecret } from '../../../../src/oauth/clients/authentication/method.ts';

it.each([
  [[''], false],
  [[], false],
  [['', ''], false],
  [['x'], true],
  [[' '], true],
  [['', '%'], true],
])('%j: %s', (secrets, has) => {
  expect(hasSecret({ client_id: 'app', secrets })).toBe(has);
});
