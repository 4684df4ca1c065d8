/** A grant: what follows by itself when its row is added. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { setUserDisabled } from '../../../src/identity/users/users.ts';
import { refuse } from '../../../src/lib/outcome.ts';
import { errorCodes, type OAuthErrorCode } from '../../../src/oauth/errors.ts';
import { grantProven } from '../../../src/oauth/grant-proof.ts';
import {
  defineGrant,
  type Grant,
  type GrantRefusal,
} from '../../../src/oauth/grants/grant-type-interface.ts';
import { grants } from '../../../src/oauth/grants/index.ts';
import { spendRow } from '../../../src/storage/spend-row.ts';
import { faultsOf } from '../../oauth/grants/grant-faults.ts';
import { auditEvents, authorize, post, publicClient, redeem } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { toyReason } from '../../support/toy-reason.ts';

const TOY = 'urn:example:toy';

/** Careless on purpose: it checks nothing but that a grant was named, and lets it be named again. */
const toyGrant = defineGrant({
  grantType: TOY,
  forUser: true,
  confidentialOnly: false,
  selfRegistered: false,
  parameters: z.object({ toy: z.string() }),
  look: async (_context, _client, { toy }) => ({ toy }),
  async spend(_context, tx, { toy }) {
    const spent = await spendRow(tx, 'UPDATE grants SET amr = amr WHERE grant_id = $1', toy);
    return spent
      ? grantProven(spent, toy)
      : refuse('invalid_grant', 'unknown_grant', 'there is no such grant');
  },
});

let server: TestServer;
beforeAll(async () => {
  (grants as Grant[]).push(toyGrant);
  server = await startServer();
});
afterAll(() => server.stop());

const discovery = async () =>
  (await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    string[]
  >;

it('a grant: discovery, client metadata, gate, issuing and audit follow', async () => {
  expect((await discovery()).grant_types_supported).toContain(TOY);
  const user = await server.user('toya');
  const client = await publicClient(server, { grant_types: ['authorization_code', TOY] });
  const authorized = await authorize(server, client.client, { username: 'toya' });
  await redeem(server, client, authorized);
  const row = await server.gatehouse.db.get<{ grant_id: string }>('SELECT grant_id FROM grants');
  const ask = () => post(server, '/token', { grant_type: TOY, toy: row?.grant_id ?? '' }, client);
  expect((await ask()).status).toBe(200);
  expect((await post(server, '/token', { grant_type: TOY }, client)).body.error).toBe('invalid_request');
  const other = await publicClient(server);
  const refused = await post(server, '/token', { grant_type: TOY, toy: 'x' }, other);
  expect(refused.body.error).toBe('unauthorized_client');
  const events = await auditEvents(server);
  expect(events.filter(({ details }) => details?.grant_type === TOY).map(({ type }) => type)).toContain(
    'token.issued',
  );
  await setUserDisabled(server.gatehouse, user.sub, true);
  expect((await ask()).body.error).toBe('invalid_grant');
});

it('a grant that polls: an error code that is an ordinary answer is no refusal for the audit', async () => {
  Object.assign(errorCodes, { authorization_pending: { status: 400, isOrdinary: true } });
  const [row = toyGrant] = (grants as Grant[]).splice(grants.indexOf(toyGrant), 1);
  const pending = refuse(
    'authorization_pending' as OAuthErrorCode,
    toyReason('authorization_pending'),
    'the user did not answer yet',
  );
  let answers: readonly GrantRefusal[] = [];
  const look = async () => {
    const [now = pending, ...later] = answers;
    answers = later;
    return now;
  };
  (grants as Grant[]).push({ ...row, look } as Grant);
  const client = await publicClient(server, { grant_types: ['authorization_code', TOY] });
  const poll = async () => (await post(server, '/token', { grant_type: TOY, toy: 'x' }, client)).body.error;
  answers = [pending, pending, refuse('invalid_grant', 'user_denied', 'the user denied the request')];
  expect([await poll(), await poll(), await poll()]).toEqual([
    'authorization_pending',
    'authorization_pending',
    'invalid_grant',
  ]);
  const refused = (await auditEvents(server)).filter(
    ({ type, client_id }) => type === 'token.refused' && client_id === client.client.client_id,
  );
  expect(refused.map(({ reason }) => reason)).toEqual(['user_denied']);
  (grants as Grant[]).splice(grants.length - 1, 1, row);
});

it('a grant for a user: its client may have scopes about users', async () => {
  const { client } = await server.client({ grant_types: [TOY] });
  expect(client.metadata.scope.split(' ')).toContain('openid');
  const named = await server.client({ grant_types: [TOY], scope: 'openid groups' });
  expect(named.client.metadata.scope).toBe('openid groups');
});

it('a grant for confidential clients is refused to a public one, also in its metadata', async () => {
  const [row = toyGrant] = (grants as Grant[]).splice(grants.indexOf(toyGrant), 1);
  (grants as Grant[]).push({ ...row, confidentialOnly: true } as Grant);
  const asked = publicClient(server, { grant_types: ['authorization_code', TOY] });
  await expect(asked).rejects.toThrow(`${TOY} needs a confidential client`);
  (grants as Grant[]).splice(grants.length - 1, 1, row);
});

it('a grant: that it lets itself be named again is noticed by what each grant is asked', async () => {
  await server.user();
  const { code_seconds, access_token_seconds } = server.gatehouse.settings;
  const faults = await faultsOf(server, {
    grant: toyGrant,
    client: () => publicClient(server, { grant_types: ['authorization_code', TOY] }),
    async sent(_server, as) {
      const authorized = await authorize(server, as.client);
      await redeem(server, as, authorized);
      return { toy: authorized.code.split('.')[0] ?? '' };
    },
    secrets: ['toy'],
    lifetimeMs: () => (code_seconds + access_token_seconds) * 1000,
    graceMs: () => 0,
  });
  expect(faults).toEqual([
    'it is accepted twice',
    'of 20 at once more than one is accepted',
    'it is stored in clear, or what is issued for it',
    'it is accepted after grants.refresh_idle_expires_at',
  ]);
});

it('a grant: the help of `client create --grant-type` names it', async () => {
  vi.resetModules();
  const { grants: loadedAnew } = await import('../../../src/oauth/grants/index.ts');
  (loadedAnew as Grant[]).push(toyGrant);
  const { metadataFlags } = await import('../../../src/admin-commands/client-metadata-flags.ts');
  expect(metadataFlags.find(({ flag }) => flag === 'grant-type')?.sentence).toContain(TOY);
});
