/** No binding is offered, so every token is Bearer. With a binding: test/architecture/add/binding.test.ts */
import { expect, it } from 'vitest';
import { bindings } from '../../../src/oauth/bindings/index.ts';
import { tokenTypeOf, tokenTypes } from '../../../src/oauth/bindings/token-types.ts';

it('RFC 6750 §2.1 what is bound to nothing is Bearer, and so is what is bound in a way that nobody offers', () => {
  for (const confirmation of [undefined, {}, { jkt: 'thumbprint' }, { 'x5t#S256': 'thumbprint' }])
    expect(tokenTypeOf(confirmation), JSON.stringify(confirmation)).toBe('Bearer');
});

it('an access token may be shown as Bearer and as what the bindings add, each once', () => {
  expect(tokenTypes()[0]).toBe('Bearer');
  expect(new Set(tokenTypes()).size).toBe(tokenTypes().length);
  expect(tokenTypes()).toHaveLength(1 + bindings.filter(({ tokenType }) => tokenType !== undefined).length);
});
