/** What a grant that polls forgets is noticed by what every such grant is asked. RFC 8628 §3.5 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { refuse } from '../../../src/lib/outcome.ts';
import { storageKey } from '../../../src/lib/time-ordered-ids-and-secrets.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import type { Confirmation } from '../../../src/oauth/confirmation-claim.ts';
import { errorCodes, type OAuthErrorCode } from '../../../src/oauth/errors.ts';
import {
  defineGrant,
  type Grant,
  type GrantRefusal,
} from '../../../src/oauth/grants/grant-type-interface.ts';
import { grants } from '../../../src/oauth/grants/index.ts';
import { startProvenGrant } from '../../../src/oauth/grants/start-grant-at-first-use.ts';
import type { Tx } from '../../../src/storage/database.ts';
import { spendRow } from '../../../src/storage/spend-row.ts';
import { consumeOneTime, findOneTime, insertOneTime } from '../../../src/storage/tables/one-time.ts';
import { authorize, publicClient, type Registered } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { toyReason } from '../../support/toy-reason.ts';
import { endingFaultsOf } from './ending-faults.ts';
import { faultsOf } from './grant-faults.ts';
import type { GrantSample } from './grant-sample.ts';
import { pendingFaultsOf } from './pending-faults.ts';

const TOY = 'urn:example:polling-toy';
const TOY_MS = 600_000;
const INTERVAL_MS = 5000;

/** What the toy forgets. */
interface Mistakes {
  /** Whose the row is, while no user has decided. */
  readonly owner?: true;
  /** The same, but what is asked by others is counted. */
  readonly whoAsked?: true;
  /** That the row ends, in the statement that spends it. */
  readonly end?: true;
  /** That the row ends, while no user has decided. */
  readonly endOfPending?: true;
  readonly hash?: true;
}
let forgotten: Mistakes = {};

interface Stored {
  readonly client_id: string;
  readonly askedAtMs: number;
}

interface Found {
  readonly key: string;
  readonly client: Client;
  readonly shown: Confirmation | undefined;
}

const no = (error: string): GrantRefusal => refuse(error as OAuthErrorCode, toyReason(error), 'not now');
const keyOf = (toy: string) => (forgotten.hash ? toy : storageKey(toy));

async function noteAsked(tx: Tx, key: string, stored: Stored): Promise<void> {
  await tx.run(`UPDATE one_time SET payload = $1 WHERE value_key = $2`, JSON.stringify(stored), key);
}

const toyGrant = defineGrant({
  grantType: TOY,
  forUser: true,
  confidentialOnly: false,
  selfRegistered: false,
  parameters: z.object({ toy: z.string() }),
  async look({ db }, client, { toy }, shown): Promise<Found | GrantRefusal> {
    const row = await findOneTime(db, 'doctor_mark', keyOf(toy));
    return row ? { key: keyOf(toy), client, shown } : no('invalid_grant');
  },
  async spend(context, tx, { key, client, shown }) {
    const nowMs = context.clock.nowMs();
    const row = await findOneTime(tx, 'doctor_mark', key);
    if (!row) return no('invalid_grant');
    const { client_id, askedAtMs }: Stored = JSON.parse(row.payload);
    const isOther = client_id !== client.client_id;
    if (row.grant_id === null) {
      if (isOther && forgotten.whoAsked) await noteAsked(tx, key, { client_id, askedAtMs: nowMs });
      if (isOther && !forgotten.owner) return no('invalid_grant');
      if (row.expires_at <= nowMs && !forgotten.endOfPending) return no('expired_token');
      await noteAsked(tx, key, { client_id, askedAtMs: nowMs });
      return no(nowMs < askedAtMs + INTERVAL_MS ? 'slow_down' : 'authorization_pending');
    }
    if (isOther) return no('invalid_grant');
    const spent = forgotten.end
      ? await spendRow(tx, 'DELETE FROM one_time WHERE value_key = $1', key)
      : await consumeOneTime(tx, 'doctor_mark', key, nowMs);
    if (!spent) return no('invalid_grant');
    return startProvenGrant(context, tx, { spent, grantId: row.grant_id, client, shown, nonce: undefined });
  },
});

/** `grantId` is null while no user has decided. */
async function shownOnce(
  { gatehouse, clock }: TestServer,
  { client: { client_id } }: Registered,
  grant_id: string | null,
): Promise<{ toy: string }> {
  const toy = randomBytes(39).toString('base64url');
  const stored: Stored = { client_id, askedAtMs: 0 };
  const row = { grant_id, payload: JSON.stringify(stored), expires_at: clock.nowMs() + TOY_MS };
  await gatehouse.db.write((tx) => insertOneTime(tx, { kind: 'doctor_mark', value_key: keyOf(toy), ...row }));
  return { toy };
}

const toySample: GrantSample = {
  grant: toyGrant,
  client: (of) => publicClient(of, { grant_types: ['authorization_code', TOY] }),
  async sent(of, as) {
    const { code } = await authorize(of, as.client);
    return shownOnce(of, as, code.split('.')[0] ?? '');
  },
  pending: (of, as) => shownOnce(of, as, null),
  secrets: ['toy'],
  // The grant that the user gave ends long before what the client shows for it.
  lifetimeMs: ({ gatehouse }) => gatehouse.settings.code_seconds * 1000,
  graceMs: () => 0,
};

let server: TestServer;
beforeAll(async () => {
  (grants as Grant[]).push(toyGrant);
  const ordinary = { status: 400, isOrdinary: true };
  Object.assign(errorCodes, {
    authorization_pending: ordinary,
    slow_down: ordinary,
    expired_token: { status: 400 },
  });
  server = await startServer();
  server.clock.hold();
  await server.user();
});
afterAll(() => server.stop());

async function pendingFaultsWhen(mistakes: Mistakes): Promise<string[]> {
  forgotten = mistakes;
  return pendingFaultsOf(server, toySample);
}

it('is refused nothing where it forgets nothing', async () => {
  forgotten = {};
  expect(await faultsOf(server, toySample)).toEqual([]);
});

describe('is noticed where it forgets', () => {
  it('whose it is while it is pending', async () => {
    expect(await pendingFaultsWhen({ owner: true })).toEqual([
      'while it is pending another client is told something else than invalid_grant',
      'while it is pending another client that asks slows its own client down',
    ]);
  });

  it('that another client which is refused must not slow its own down', async () => {
    expect(await pendingFaultsWhen({ whoAsked: true })).toEqual([
      'while it is pending another client that asks slows its own client down',
    ]);
  });

  it('that what is pending ends', async () => {
    expect(await pendingFaultsWhen({ endOfPending: true })).toEqual([
      'it is pending still after it has expired',
    ]);
  });

  it('to store a hash', async () => {
    expect(await pendingFaultsWhen({ hash: true })).toEqual(['while it is pending it is stored in clear']);
  });

  it('that what is shown ends, where the grant ends before', async () => {
    forgotten = { end: true };
    expect(await endingFaultsOf(server, toySample)).toEqual(['it is accepted after one_time.expires_at']);
  });

  it('that to be asked for too early is ordinary', async () => {
    Object.assign(errorCodes, { slow_down: { status: 400 } });
    const faults = await pendingFaultsWhen({});
    Object.assign(errorCodes, { slow_down: { status: 400, isOrdinary: true } });
    expect(faults).toEqual([
      'that it is pending, or asked for too early, is recorded as a refusal: isOrdinary in oauth/errors.ts',
    ]);
  });
});
