import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  countRecoveryCodes,
  RECOVERY_CODES,
  renewRecoveryCodes,
} from '../../../src/identity/second-factors/change-recovery-codes.ts';
import { removeTotp } from '../../../src/identity/second-factors/change-totp.ts';
import { removeSecondFactors } from '../../../src/identity/second-factors/remove-second-factors.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { sessionOf } from '../factors/session-of-user.ts';
import { accepted, type IdentityFixture, openIdentity, plainHasher, reasonOf } from '../identity-only.ts';
import { enrolTotp } from './enrol-totp.ts';

let identity: IdentityFixture;
let user: User;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  user = await identity.user();
});
afterEach(() => identity.close());

const renew = async (amr?: string[]) => renewRecoveryCodes(identity, await sessionOf(identity, user, amr));
const left = () => countRecoveryCodes(identity, user.sub);

it('L15 ten are made with the first app, and stay when it is replaced', async () => {
  const { recoveryCodes } = await enrolTotp(identity, user);
  expect(new Set(recoveryCodes).size).toBe(RECOVERY_CODES);
  expect(await left()).toBe(10);
  expect((await enrolTotp(identity, user)).recoveryCodes).toEqual([]);
  expect(await left()).toBe(10);
});

it('L15 new ones end the former, in the same transaction', async () => {
  const { recoveryCodes } = await enrolTotp(identity, user);
  const { codes } = accepted(await renew());
  expect(codes).toHaveLength(10);
  expect(codes.filter((code) => recoveryCodes.includes(code))).toEqual([]);
  expect(await left()).toBe(10);
  expect(await identity.events('recovery_codes.made')).toHaveLength(2);
});

it('L19 a session that was begun by the password alone gets none, as a stolen one', async () => {
  await enrolTotp(identity, user);
  expect(reasonOf(await renew(['pwd']))).toBe('acr_not_reached');
  expect(reasonOf(await renew(['pwd', 'urn:gatehouse:amr:recovery_code']))).toBe('accepted');
});

it('who has no other second factor gets none', async () => {
  expect(reasonOf(await renew())).toBe('no_second_factor');
  expect(await left()).toBe(0);
});

it('they end with the factor that they stand in for, removed by the person or by the operator', async () => {
  await enrolTotp(identity, user);
  accepted(await removeTotp(identity, { ...(await sessionOf(identity, user)), endOtherSessions: false }));
  expect(await left()).toBe(0);
  await enrolTotp(identity, user);
  expect(accepted(await removeSecondFactors(identity, user.sub))).toEqual(['totp', 'recovery_code']);
  expect(await left()).toBe(0);
});
