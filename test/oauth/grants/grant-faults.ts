/** What every grant must refuse, asked of a sample: each grant of the table has one in samples/. */
import { startRestoreEpoch } from '../../../src/storage/backup/end-access-at-restore.ts';
import { createCleanUp } from '../../../src/storage/cleanup.ts';
import { beforeNextWrite } from '../../support/before-next-write.ts';
import { type Answer, confidentialClient } from '../../support/flow.ts';
import type { TestServer } from '../../support/server.ts';
import { endingFaultsOf } from './ending-faults.ts';
import { type Asking, askerOf, type GrantSample } from './grant-sample.ts';
import { pendingFaultsOf } from './pending-faults.ts';
import { placesInClear } from './stored-traces.ts';

interface Given extends Asking {
  readonly server: TestServer;
  readonly sample: GrantSample;
  readonly lifetimeMs: number;
}

/** What must not be answered. */
interface Trial {
  readonly fault: string;
  isFaulty(given: Given): Promise<boolean>;
}

const AT_ONCE = 20;
/** By then the clean-up deletes whatever has expired or was spent. */
const CLEANED_MS = 48 * 3_600_000;

const isAnswered = ({ status }: Answer) => status === 200;

const isRefusedAtAll: Trial = {
  fault: 'what the client may send is refused',
  isFaulty: async ({ ask }) => !isAnswered(await ask()),
};

const ALWAYS: readonly Trial[] = [
  isRefusedAtAll,
  {
    fault: 'a client that may not use the grant type is not told so',
    async isFaulty({ server, sample, ask }) {
      const isOther = sample.grant.grantType !== 'client_credentials';
      const grant_types = [isOther ? 'client_credentials' : 'authorization_code'];
      const metadata = isOther ? { redirect_uris: [], response_types: [] } : {};
      const { body } = await ask(await confidentialClient(server, { ...metadata, grant_types }));
      return body.error !== 'unauthorized_client';
    },
  },
];

const STORED: readonly Trial[] = [
  {
    fault: 'it is accepted twice',
    async isFaulty({ server, sample, ask }) {
      await ask();
      server.clock.advance(sample.graceMs(server));
      return isAnswered(await ask());
    },
  },
  {
    fault: `of ${AT_ONCE} at once more than one is accepted`,
    async isFaulty({ server, sample, ask }) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => ask()));
      const accepted = answers.filter(isAnswered);
      const issued = new Set(accepted.map(({ body }) => body.refresh_token));
      return (sample.graceMs(server) > 0 ? issued.size : accepted.length) !== 1;
    },
  },
  {
    fault: 'it is accepted of another client',
    isFaulty: async ({ server, sample, ask }) => isAnswered(await ask(await sample.client(server))),
  },
  {
    fault: 'it is accepted after it has expired',
    async isFaulty({ server, lifetimeMs, ask }) {
      server.clock.advance(lifetimeMs);
      return isAnswered(await ask());
    },
  },
  {
    fault: 'it is accepted where it expires between `look` and `spend`',
    async isFaulty({ server, lifetimeMs, ask }) {
      beforeNextWrite(server.gatehouse, async () => server.clock.advance(lifetimeMs));
      return isAnswered(await ask());
    },
  },
  {
    fault: 'it is stored in clear, or what is issued for it',
    async isFaulty({ server: { gatehouse }, secrets, ask }) {
      const isInClear = async (values: readonly string[]) =>
        (await Promise.all(values.map((value) => placesInClear(gatehouse.db, value)))).flat().length > 0;
      if (await isInClear(secrets)) return true;
      const { access_token, refresh_token, id_token } = (await ask()).body;
      const issued = [access_token, refresh_token, id_token].filter((value) => typeof value === 'string');
      return isInClear([...secrets, ...issued]);
    },
  },
  {
    fault: 'it is accepted after a restore',
    async isFaulty({ server, ask }) {
      server.clock.advance(1000);
      await server.gatehouse.db.write((tx) => startRestoreEpoch(tx, server.clock.nowMs()));
      return isAnswered(await ask());
    },
  },
  {
    fault: 'it is accepted after it has expired and the clean-up ran',
    async isFaulty({ server, lifetimeMs, ask }) {
      await cleanUp(server, lifetimeMs + CLEANED_MS);
      return isAnswered(await ask());
    },
  },
  {
    fault: 'it is accepted after it was used and the clean-up ran',
    async isFaulty({ server, ask }) {
      await ask();
      await cleanUp(server, CLEANED_MS);
      return isAnswered(await ask());
    },
  },
];

async function cleanUp({ gatehouse, clock }: TestServer, afterMs: number): Promise<void> {
  clock.advance(afterMs);
  await createCleanUp(gatehouse).run();
}

/** What a grant accepts although it must refuse it; empty where there is nothing. */
export async function faultsOf(server: TestServer, sample: GrantSample): Promise<string[]> {
  const lifetimeMs = sample.lifetimeMs(server);
  // At the end too, so that none is refused because the sample is of no use once the clock was moved.
  const trials = lifetimeMs === undefined ? ALWAYS : [...ALWAYS, ...STORED, isRefusedAtAll];
  const faults: string[] = [];
  for (const { fault, isFaulty } of trials) {
    const asking = await askerOf(server, sample);
    if (await isFaulty({ ...asking, server, sample, lifetimeMs: lifetimeMs ?? 0 })) faults.push(fault);
  }
  if (lifetimeMs !== undefined) faults.push(...(await endingFaultsOf(server, sample)));
  return [...faults, ...(await pendingFaultsOf(server, sample))];
}
