/** What the gate refuses although whoever asks it has looked before. RFC 6749 §5.2 */
import { expect, it } from 'vitest';
import type { Client } from '../../src/oauth/clients/client.ts';
import { admit, type GateRequest } from '../../src/oauth/gate-before-issuing.ts';
import { clientItself, grantProvenWithoutSpending } from '../../src/oauth/grant-proof.ts';
import type { Reader } from '../../src/storage/database.ts';

const NOW_MS = 1_800_000_000_000;
const STANDING = {
  client_id: 'other',
  outlives_session: 1,
  expires_at: NOW_MS + 1,
  revoked_at: null,
  user_epoch: 0,
  user_grant_epoch: 0,
  client_epoch: 0,
  client_epoch_now: 0,
  user_disabled_at: null,
  client_disabled_at: null,
};

/** What the gate says of a client, where each row that it reads is this grant: that of another one. */
function admitted(
  client: object,
  proof: GateRequest['proof'],
  { row = {}, confirmation = undefined }: { row?: object; confirmation?: Record<string, string> } = {},
) {
  const context = {
    clock: { nowMs: () => NOW_MS },
    settings: { issuer: 'https://id.example.com' },
  } as unknown as Parameters<typeof admit>[0];
  const read = { get: async () => ({ ...STANDING, ...row }), all: async () => [] } as unknown as Reader;
  const whole = { client_id: 'own', profile: 'oidc', metadata: { scope: 'read' }, ...client };
  const caller = { client: whole as unknown as Client } as GateRequest['caller'];
  return admit(context, read, { caller, proof, scope: undefined, resources: [], confirmation });
}

it('A054 a client that is disabled has nothing, not even for itself', async () => {
  const refusal = { error: 'invalid_grant', reason: 'client_disabled' };
  expect(await admitted({ disabled: true }, clientItself())).toMatchObject(refusal);
  expect(await admitted({ disabled: true }, grantProvenWithoutSpending('g'))).toMatchObject(refusal);
});

it('A034 a grant of another client is none of this one', async () => {
  const refusal = { error: 'invalid_grant', reason: 'grant_of_other_client' };
  expect(await admitted({ disabled: false }, grantProvenWithoutSpending('g'))).toMatchObject(refusal);
});

it('a client whose registered scope cannot be read has no scope', async () => {
  const metadata = { scope: '"' };
  const found = await admitted({ disabled: false, metadata }, clientItself());
  expect(found).toMatchObject({ access: { scope: [] }, audience: 'https://id.example.com' });
});

it('RFC 9449 §5 a grant that is bound to a key gives nothing to a request that does not show it', async () => {
  const bound = { client_id: 'own', revision: 7, access: '{"scope":["read"]}', confirmation: '{"jkt":"K"}' };
  const ask = (confirmation?: Record<string, string>) =>
    admitted({ disabled: false, asOf: 7 }, grantProvenWithoutSpending('g'), {
      row: bound,
      ...(confirmation && { confirmation }),
    });
  const refusal = { error: 'invalid_grant', reason: 'wrong_confirmation' };
  expect(await ask()).toMatchObject(refusal);
  expect(await ask({ jkt: 'L' })).toMatchObject(refusal);
  expect(await ask({ jkt: 'K' })).toMatchObject({ access: { scope: ['read'] }, confirmation: { jkt: 'K' } });
});
