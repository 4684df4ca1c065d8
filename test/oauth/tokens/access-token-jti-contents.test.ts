/** The jti of an access token leads to its grant, or says to which client it was issued, and since which restore. */
import { expect, it } from 'vitest';
import { createSystemRandom } from '../../../src/lib/clock-and-random.ts';
import type { AccessTokenClaims } from '../../../src/oauth/tokens/access-token-claims-schema.ts';
import {
  grantOfJti,
  isOfClientNow,
  isSinceRestore,
  makeJti,
} from '../../../src/oauth/tokens/access-token-jti-contents.ts';
import type { GrantStandingRow } from '../../../src/storage/tables/grant-standing.ts';
import { clientOf } from '../clients/client-value.ts';

type Context = Parameters<typeof makeJti>[0];
const restoredAt = (restoredAtMs: number) =>
  ({
    clock: { nowMs: () => 1_800_000_000_000 },
    random: createSystemRandom(),
    revision: { current: async () => ({ restoredAtMs }) },
  }) as unknown as Context;
const context = restoredAt(0);
const client = clientOf({}, { createdAtMs: 7, epoch: 1 });
const grant = { grant_id: 'g' } as GrantStandingRow;
const claims = (jti: string, iat = 0) => ({ jti, iat }) as AccessTokenClaims;

it('of a grant leads to it; of the client itself to none', async () => {
  const jti = await makeJti(context, { client, grant });
  expect(jti).toMatch(/^g\.[\w-]{36}$/);
  expect(grantOfJti(jti)).toBe('g');
  expect(grantOfJti(await makeJti(context, { client, grant: undefined }))).toBeUndefined();
  expect(await makeJti(context, { client, grant })).not.toBe(jti);
});

it('of the client itself is good for that client as it is: not disabled since, not another of its name', async () => {
  const own = claims(await makeJti(context, { client, grant: undefined }));
  expect(isOfClientNow(own, client)).toBe(true);
  expect(isOfClientNow(own, { ...client, epoch: 2 })).toBe(false);
  expect(isOfClientNow(own, { ...client, createdAtMs: 8 })).toBe(false);
  expect(isOfClientNow(own, { ...client, createdAtMs: 71, epoch: 1 })).toBe(false);
  // Of versions before there were epochs.
  expect(isOfClientNow(claims('unique'), client)).toBe(true);
});

it('is from before a restore where that was another one, whatever the clock says', async () => {
  const own = claims(await makeJti(context, { client, grant: undefined }), 10_000);
  expect(await isSinceRestore(context, own)).toBe(true);
  expect(await isSinceRestore(restoredAt(5), own)).toBe(false);
  expect(await isSinceRestore(restoredAt(99_999_999), own)).toBe(false);
});

it('of a version before names no restore: its time is compared', async () => {
  expect(await isSinceRestore(restoredAt(10_000), claims('unique', 10))).toBe(true);
  expect(await isSinceRestore(restoredAt(10_001), claims('unique', 10))).toBe(false);
});

it.each([
  ['g.x.y', 'g'],
  ['g.', 'g'],
  // The id of no grant: what looks it up finds none.
  ['.x', ''],
  ['', undefined],
  ['g', undefined],
])('%j leads to the grant %j', (jti, grant_id) => {
  expect(grantOfJti(jti)).toBe(grant_id);
});

it('whose name of the client is empty, cut or longer is of another client', async () => {
  const jti = await makeJti(context, { client, grant: undefined });
  for (const wrong of ['x@0~', jti.slice(0, -1), `${jti}0`, `${jti}~`])
    expect(isOfClientNow(claims(wrong), client), wrong).toBe(false);
});
