/** What every row of the table of grants must refuse; a grant without a sample fails. RFC 6749 §4.1.2, RFC 9700 §4.14.2 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { refuse } from '../../../src/lib/outcome.ts';
import { storageKey } from '../../../src/lib/time-ordered-ids-and-secrets.ts';
import { grantProven } from '../../../src/oauth/grant-proof.ts';
import { defineGrant, type Grant } from '../../../src/oauth/grants/grant-type-interface.ts';
import { grants } from '../../../src/oauth/grants/index.ts';
import { spendRow } from '../../../src/storage/spend-row.ts';
import { consumeOneTime, findOneTime, insertOneTime } from '../../../src/storage/tables/one-time.ts';
import { files } from '../../architecture/source-files.ts';
import { authorize, publicClient, redeem } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { faultsOf } from './grant-faults.ts';
import type { GrantSample } from './grant-sample.ts';

const TOY = 'urn:example:toy';
const TOY_MS = 30_000;

type Spending = (
  tx: Parameters<typeof consumeOneTime>[0],
  key: string,
  nowMs: number,
) => ReturnType<typeof consumeOneTime>;

const careful: Spending = (tx, key, nowMs) => consumeOneTime(tx, 'doctor_mark', key, nowMs);
const KEY = "kind = 'doctor_mark' AND value_key = $1";
let spending = careful;

/** What is shown for it is a one-time value of its own, which ends long before its grant does. */
const toyGrant = defineGrant({
  grantType: TOY,
  forUser: true,
  confidentialOnly: false,
  selfRegistered: false,
  parameters: z.object({ toy: z.string() }),
  async look({ db }, _client, { toy }) {
    const key = storageKey(toy);
    const row = await findOneTime(db, 'doctor_mark', key);
    return row ? { key, grantId: row.grant_id ?? '' } : refuse('invalid_grant', 'unknown_grant', 'unknown');
  },
  async spend({ clock }, tx, { key, grantId }) {
    const spent = await spending(tx, key, clock.nowMs());
    return spent ? grantProven(spent, grantId) : refuse('invalid_grant', 'unknown_grant', 'it was spent');
  },
});

let toys = 0;
const toySample: GrantSample = {
  grant: toyGrant,
  client: (server) => publicClient(server, { grant_types: ['authorization_code', TOY] }),
  async sent({ gatehouse, clock, ...server }, as) {
    const authorized = await authorize({ gatehouse, clock, ...server }, as.client);
    await redeem({ gatehouse, clock, ...server }, as, authorized);
    toys += 1;
    const toy = `${authorized.code}${toys}`;
    await gatehouse.db.write((tx) =>
      insertOneTime(tx, {
        kind: 'doctor_mark',
        value_key: storageKey(toy),
        grant_id: authorized.code.split('.')[0] ?? '',
        payload: '',
        expires_at: clock.nowMs() + TOY_MS,
      }),
    );
    return { toy };
  },
  secrets: ['toy'],
  lifetimeMs: () => TOY_MS,
  graceMs: () => 0,
};

const rows = [...grants];
let server: TestServer;
beforeAll(async () => {
  (grants as Grant[]).push(toyGrant);
  server = await startServer();
  server.clock.hold();
  await server.user();
});
afterAll(() => server.stop());

/** urn:ietf:params:oauth:grant-type:device_code has the sample device-code. */
const nameOf = (grantType: string) => (grantType.split(':').at(-1) ?? '').replaceAll('_', '-');

/** Throws where the grant has none. */
async function sampleOf({ grantType }: Pick<Grant, 'grantType'>): Promise<GrantSample> {
  const name = nameOf(grantType);
  const path = fileURLToPath(new URL(`./samples/${name}.ts`, import.meta.url));
  if (!existsSync(path))
    throw new Error(`the grant ${grantType} has no sample: write test/oauth/grants/samples/${name}.ts`);
  const { sample }: { sample: GrantSample } = await import(`./samples/${name}.ts`);
  return sample;
}

describe('each grant of the table', () => {
  it.each(rows)('$grantType refuses whatever is not shown once, in time, by its client', async (grant) => {
    const sample = await sampleOf(grant);
    expect(sample.grant).toBe(grant);
    expect(await faultsOf(server, sample)).toEqual([]);
  });

  it.each(rows)('$grantType has a sample of what is pending where it answers so', async (grant) => {
    const path = `oauth/grants/${nameOf(grant.grantType)}.ts`;
    const { imports } = files.find((file) => file.path === path) ?? { imports: [] };
    const answersIn = files
      .filter(
        (file) => [path, ...imports].includes(file.path) && file.text.includes("'authorization_pending'"),
      )
      .map((file) => file.path);
    expect(files.map((file) => file.path)).toContain(path);
    if (answersIn.length > 0) expect(await sampleOf(grant)).toHaveProperty('pending');
  });

  it('needs a sample', async () => {
    await expect(sampleOf(toyGrant)).rejects.toThrow('write test/oauth/grants/samples/toy.ts');
  });
});

describe('a careless grant is noticed:', () => {
  const faultsWhen = (carelessly: Spending) => {
    spending = carelessly;
    return faultsOf(server, toySample);
  };

  it('none where it forgets nothing', async () => {
    expect(await faultsWhen(careful)).toEqual([]);
  });

  it('its UPDATE leaves the row to be spent again', async () => {
    const faults = await faultsWhen((tx, key, nowMs) =>
      spendRow(tx, `UPDATE one_time SET payload = payload WHERE ${KEY} AND expires_at > $2`, key, nowMs),
    );
    expect(faults).toEqual(['it is accepted twice', 'of 20 at once more than one is accepted']);
  });

  it('it does not ask whether what is shown has expired', async () => {
    const faults = await faultsWhen((tx, key) => spendRow(tx, `DELETE FROM one_time WHERE ${KEY}`, key));
    expect(faults).toEqual([
      'it is accepted after it has expired',
      'it is accepted where it expires between `look` and `spend`',
      'it is accepted after one_time.expires_at',
    ]);
  });
});
