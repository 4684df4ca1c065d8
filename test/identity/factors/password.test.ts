import { afterAll, beforeAll, expect, it } from 'vitest';
import { password } from '../../../src/identity/factors/password.ts';
import { openRoom, type Room } from '../room.ts';

let room: Room;
beforeAll(async () => {
  room = await openRoom();
});
afterAll(() => room.close());

it('who has a password can be asked for it, and nobody else', async () => {
  const alice = await room.user('alice');
  const bob = await room.user('bob', { password: undefined });
  expect(await password.isEnrolled(room.db, alice.sub)).toBe(true);
  expect(await password.isEnrolled(room.db, bob.sub)).toBe(false);
  expect(await password.isEnrolled(room.db, 'nobody')).toBe(false);
});
