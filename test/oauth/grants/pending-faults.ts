/** What a grant that polls must do while the user has not decided yet. RFC 8628 §3.5, CIBA Core §11 */
import { auditEvents } from '../../support/flow.ts';
import type { TestServer } from '../../support/server.ts';
import { type Asking, askerOf, type GrantSample } from './grant-sample.ts';
import { endingsFoundBy, endRow, placesInClear } from './stored-traces.ts';

interface Given extends Asking {
  readonly server: TestServer;
  readonly sample: GrantSample;
}

interface Trial {
  readonly fault: string;
  isFaulty(given: Given): Promise<boolean>;
}

const TOO_EARLY: readonly unknown[] = ['authorization_pending', 'slow_down'];

const PENDING: readonly Trial[] = [
  {
    fault: 'while it is pending its client is not told so',
    isFaulty: async ({ ask }) => (await ask()).body.error !== 'authorization_pending',
  },
  {
    fault: 'while it is pending another client is told something else than invalid_grant',
    async isFaulty({ server, sample, ask }) {
      const other = await sample.client(server);
      const errors = [await ask(other), await ask(other), await ask(), await ask(other)].map(
        ({ body }) => body.error,
      );
      return errors.toSpliced(2, 1).some((error) => error !== 'invalid_grant');
    },
  },
  {
    fault: 'while it is pending another client that asks slows its own client down',
    async isFaulty({ server, sample, ask }) {
      const other = await sample.client(server);
      await ask(other);
      await ask(other);
      return (await ask()).body.error !== 'authorization_pending';
    },
  },
  {
    fault:
      'that it is pending, or asked for too early, is recorded as a refusal: isOrdinary in oauth/errors.ts',
    async isFaulty({ server, client: { client }, ask }) {
      await ask();
      await ask();
      const events = await auditEvents(server);
      return events.some(({ type, client_id }) => type === 'token.refused' && client_id === client.client_id);
    },
  },
  {
    fault: 'it is pending still after it has expired',
    async isFaulty({ server: { gatehouse, clock }, secrets, ask }) {
      for (const value of secrets)
        for (const ending of await endingsFoundBy(gatehouse.db, value))
          await endRow(gatehouse.db, ending, value, clock.nowMs());
      return TOO_EARLY.includes((await ask()).body.error);
    },
  },
  {
    fault: 'while it is pending it is stored in clear',
    async isFaulty({ server: { gatehouse }, secrets, ask }) {
      await ask();
      const places = await Promise.all(secrets.map((value) => placesInClear(gatehouse.db, value)));
      return places.flat().length > 0;
    },
  },
];

/** Empty where nothing is wrong, and where nothing is ever pending. */
export async function pendingFaultsOf(server: TestServer, sample: GrantSample): Promise<string[]> {
  const { pending } = sample;
  if (!pending) return [];
  const faults: string[] = [];
  for (const { fault, isFaulty } of PENDING) {
    const asking = await askerOf(server, sample, pending);
    if (await isFaulty({ ...asking, server, sample })) faults.push(fault);
  }
  return faults;
}
