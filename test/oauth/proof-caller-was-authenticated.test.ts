/** At run time too, nothing is a caller but what was made in one place. */
import { expect, it } from 'vitest';
import {
  type Caller,
  callerProven,
  isCallerProven,
  OPEN_TO_EVERYBODY,
} from '../../src/oauth/proof-caller-was-authenticated.ts';

it('whoever was proven is a caller, by what proved it, and so is everybody where a row says so', () => {
  const kinds = [
    'client authentication',
    'access token',
    'registration access token',
    'initial access token',
  ] as const;
  for (const by of kinds) {
    expect(isCallerProven(callerProven(by)), by).toBe(true);
    expect(callerProven(by).by).toBe(by);
  }
  expect([isCallerProven(OPEN_TO_EVERYBODY), OPEN_TO_EVERYBODY.by]).toEqual([true, 'nothing']);
});

it('what only looks like one is none', () => {
  const looks: unknown[] = [
    {},
    { by: 'nothing' },
    { by: 'client authentication', caller: true },
    { [Symbol('caller')]: true, by: 'access token' },
    { [Symbol.for('caller')]: true, by: 'access token' },
    JSON.parse(JSON.stringify(OPEN_TO_EVERYBODY)),
  ];
  for (const look of looks) expect(isCallerProven(look as Caller), JSON.stringify(look)).toBe(false);
});
