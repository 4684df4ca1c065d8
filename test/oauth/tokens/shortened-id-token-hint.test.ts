/** What stands in the place of an ID token hint in an address of ours: ours alone can make it, and it is good for that alone. */
import { expect, it } from 'vitest';
import type { Settings } from '../../../src/config/settings-schema.ts';
import { carryHint, readCarriedHint } from '../../../src/oauth/tokens/shortened-id-token-hint.ts';

const contextOf = (issuer: string, key: number) => ({
  settings: { issuer, masterKey: Buffer.alloc(32, key) } as Settings,
});
const context = contextOf('https://op.example', 1);
const hint = { aud: 'app', sub: 'alice', sid: 's' };
const text = carryHint(context, hint);

it('is read as it was written, with or without a session', () => {
  expect(readCarriedHint(context, text)).toEqual(hint);
  expect(readCarriedHint(context, carryHint(context, { aud: 'app', sub: 'alice' }))).toEqual({
    aud: 'app',
    sub: 'alice',
  });
  expect(text.length).toBeLessThan(300);
});

it('is none of another installation, or of another issuer', () => {
  expect(readCarriedHint(contextOf('https://op.example', 2), text)).toBeUndefined();
  expect(readCarriedHint(contextOf('https://op.example/', 1), text)).toBeUndefined();
});

it('is none where anything of it was changed, added or left out', () => {
  const [payload = '', code = ''] = text.split('.');
  const forged = Buffer.from(JSON.stringify({ ...hint, sub: 'mallory' })).toString('base64url');
  for (const wrong of [
    '',
    '.',
    payload,
    `${payload}.`,
    `.${code}`,
    `${forged}.${code}`,
    `${payload}.${code.slice(1)}`,
    `${payload}.${code}.`,
    `${payload}.${code}.x`,
    `${text} `,
    'eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhcHAifQ.c2ln',
  ])
    expect(readCarriedHint(context, wrong), wrong).toBeUndefined();
});
