/** The mark of a browser in which somebody typed their password: theirs, of that password, and made here alone. */
import { expect, it } from 'vitest';
import type { Settings } from '../../../src/config/settings-schema.ts';
import { deviceCookieFor, isKnownDevice } from '../../../src/identity/attempts/known-device.ts';
import { createSystemRandom } from '../../../src/lib/clock-and-random.ts';

const contextOf = (key: number) => ({
  clock: { nowMs: () => 1_800_000_000_000 },
  random: createSystemRandom(),
  settings: { masterKey: Buffer.alloc(32, key) } as Settings,
});
const context = contextOf(1);
const alice = { sub: 'alice', changed_at: 5 };
const cookie = deviceCookieFor(context, alice, { cookie: undefined });

it('a browser is known for whom it was made, with the password that they had', () => {
  expect(isKnownDevice(context, alice, cookie)).toBe(true);
  expect(isKnownDevice(context, { ...alice, changed_at: 6 }, cookie)).toBe(false);
  expect(isKnownDevice(context, { ...alice, sub: 'bob' }, cookie)).toBe(false);
  expect(isKnownDevice(context, undefined, cookie)).toBe(false);
  expect(isKnownDevice(context, alice, undefined)).toBe(false);
});

it('a mark of another installation, or one that was altered, is none', () => {
  expect(isKnownDevice(contextOf(2), alice, cookie)).toBe(false);
  const [id = '', mac = ''] = cookie.split('.');
  for (const wrong of ['', '.', '~', id, `${id}.`, `.${mac}`, `${id}.${mac}x`, `x${cookie}`, ` ${cookie}`])
    expect(isKnownDevice(context, alice, wrong), wrong).toBe(false);
});

it('several people of one browser are known beside each other, a new mark in place of one’s own', () => {
  const bob = { sub: 'bob', changed_at: 1 };
  const both = deviceCookieFor(context, bob, { cookie });
  expect([isKnownDevice(context, alice, both), isKnownDevice(context, bob, both)]).toEqual([true, true]);
  const again = deviceCookieFor(context, alice, { cookie: both });
  expect(again.split('~')).toHaveLength(2);
  expect(isKnownDevice(context, bob, again)).toBe(true);
});

it('with a changed password the mark of the former one goes', () => {
  const changed = { ...alice, changed_at: 6 };
  const renewed = deviceCookieFor(context, changed, { cookie, former: alice });
  expect(renewed.split('~')).toHaveLength(1);
  expect(isKnownDevice(context, changed, renewed)).toBe(true);
  expect(isKnownDevice(context, alice, renewed)).toBe(false);
});

it('six people are the most: the oldest mark goes, and no more are read', () => {
  const people = Array.from({ length: 7 }, (_unused, index) => ({ sub: `p${index}`, changed_at: 1 }));
  let all: string | undefined;
  const marks: string[] = [];
  for (const person of people) {
    marks.unshift(deviceCookieFor(context, person, { cookie: undefined }));
    all = deviceCookieFor(context, person, { cookie: all });
  }
  expect(all?.split('~')).toHaveLength(6);
  expect(people.map((person) => isKnownDevice(context, person, all))).toEqual([
    false,
    ...Array(6).fill(true),
  ]);
  const seven = marks.join('~');
  expect(isKnownDevice(context, people[0], seven)).toBe(false);
  expect(isKnownDevice(context, people[1], seven)).toBe(true);
});
