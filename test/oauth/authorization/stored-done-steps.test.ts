/** What is stored in one interaction by several at once: nothing is lost, and a denial is final. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { storeInteraction } from '../../../src/oauth/authorization/interaction.ts';
import { type AccountRequest, account } from '../../../src/oauth/authorization/purposes/account.ts';
import type { Done } from '../../../src/oauth/authorization/situation-for-next-step.ts';
import { consent } from '../../../src/oauth/authorization/steps/consent.ts';
import { doneIn, withDone } from '../../../src/oauth/authorization/steps/done-steps.ts';
import { login } from '../../../src/oauth/authorization/steps/login.ts';
import { selectAccount } from '../../../src/oauth/authorization/steps/select-account.ts';
import type { PersonStep } from '../../../src/oauth/authorization/steps/step.ts';
import { changeDone, findDone, noteDone } from '../../../src/oauth/authorization/stored-done-steps.ts';
import { completeInteraction } from '../../../src/storage/tables/interactions.ts';
import { engines, startServerOn } from '../../support/engines.ts';
import type { TestServer } from '../../support/server.ts';

const source = { address: '192.0.2.1', userAgent: '', requestId: 'done' };

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServerOn(engine);
  });
  afterAll(() => server.stop());

  function begin(): Promise<string> {
    const request: AccountRequest = { path: '/account', asked: NOTHING_ASKED };
    const wanted = { purpose: account, request, client: undefined };
    return storeInteraction(server.gatehouse, wanted, { browser: 'b', source });
  }
  const write = <Stored>(id: string, step: PersonStep<Stored>, stored: Stored) =>
    server.gatehouse.db.write((tx) => noteDone(tx, id, step, stored));

  it('what several steps store at once is all there', async () => {
    const id = await begin();
    await Promise.all([
      write(id, login, { sid: 's' }),
      write(id, selectAccount, { sub: 'u' }),
      server.gatehouse.db.write((tx) =>
        changeDone(tx, id, (done) => withDone(done, consent, { decided: { decision: 'deny', sub: 'u' } })),
      ),
    ]);
    expect(await findDone(server.gatehouse.db, id)).toEqual({
      login: { sid: 's' },
      'select-account': { sub: 'u' },
      consent: { decided: { decision: 'deny', sub: 'u' } },
    });
  });

  it('a count that twenty raise at once is twenty: each sees what was stored before', async () => {
    const id = await begin();
    const raise = (done: Done) => ({ ...done, toy: Number(done.toy ?? 0) + 1 });
    const raised = Array.from({ length: 20 }, () =>
      server.gatehouse.db.write((tx) => changeDone(tx, id, raise)),
    );
    expect(new Set(await Promise.all(raised))).toEqual(new Set([true]));
    expect(await findDone(server.gatehouse.db, id)).toEqual({ toy: 20 });
  });

  it('nothing is stored in one that is finished, or that a change leaves as it is', async () => {
    const id = await begin();
    expect(await server.gatehouse.db.write((tx) => changeDone(tx, id, () => undefined))).toBe(false);
    await server.gatehouse.db.write((tx) => completeInteraction(tx, id, server.clock.nowMs()));
    expect(await write(id, login, { sid: 's' })).toBe(false);
    expect(doneIn(await findDone(server.gatehouse.db, id), login)).toBeUndefined();
    expect(await write('nobody knows', login, { sid: 's' })).toBe(false);
  });
});
