/** A request whose client is changed while it waits is begun again as the client that it is by then. Decision 0029 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal } from '../../../../src/lib/outcome.ts';
import type { Authenticated } from '../../../../src/oauth/clients/authentication/authenticate.ts';
import {
  ATTEMPTS,
  untilUnchanged,
} from '../../../../src/oauth/clients/authentication/retry-until-client-unchanged.ts';
import type { Client } from '../../../../src/oauth/clients/client.ts';
import { updateClient } from '../../../../src/oauth/clients/create-and-update-clients.ts';
import { ClientChanged } from '../../../../src/oauth/clients/refuse-changed-client.ts';
import { OAuthError } from '../../../../src/oauth/errors.ts';
import { beforeNextWrite } from '../../../support/before-next-write.ts';
import { engines, startServerOn } from '../../../support/engines.ts';
import { authorize, confidentialClient, redeem } from '../../../support/flow.ts';
import { grantTypes, type TestServer } from '../../../support/server.ts';
import { clientOf } from '../client-value.ts';

const clientAt = (epoch: number) => clientOf({}, { epoch });

const provenAs = (client: Client): Authenticated =>
  ({ client, renewed: async (now) => provenAs(now) }) as Partial<Authenticated> as Authenticated;

/** Work that finds its client changed so many times. */
function workChanged(times: number) {
  const seen: number[] = [];
  const work = async ({ client }: Authenticated) => {
    seen.push(client.epoch);
    if (seen.length <= times) throw new ClientChanged(clientAt(client.epoch + 1));
    return `as ${client.epoch}`;
  };
  return { seen, work };
}

describe('the work of a request', () => {
  it.each([0, 1, ATTEMPTS - 1])('is done as the client that it is after %i changes', async (times) => {
    const { seen, work } = workChanged(times);
    expect(await untilUnchanged(provenAs(clientAt(0)), work)).toBe(`as ${times}`);
    expect(seen).toEqual(Array.from({ length: times + 1 }, (_, epoch) => epoch));
  });

  it('is given up where the client was changed each of four times', async () => {
    const { seen, work } = workChanged(Number.POSITIVE_INFINITY);
    const outcome = untilUnchanged(provenAs(clientAt(0)), work);
    await expect(outcome).rejects.toBeInstanceOf(OAuthError);
    await expect(outcome).rejects.toMatchObject({
      error: 'temporarily_unavailable',
      reason: 'client_changing',
      retryAfterSeconds: 1,
    });
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('that fails for another reason is not done again', async () => {
    const failure = new Error('lost');
    let asked = 0;
    const outcome = untilUnchanged(provenAs(clientAt(0)), async () => {
      asked += 1;
      throw failure;
    });
    await expect(outcome).rejects.toBe(failure);
    expect(asked).toBe(1);
  });

  it('is not done for a client that is not proved as what it is by now', async () => {
    const refusal = new OAuthError('invalid_client', 'wrong_client_secret', 'no more');
    const first = { ...provenAs(clientAt(0)), renewed: () => Promise.reject(refusal) };
    const { seen, work } = workChanged(1);
    await expect(untilUnchanged(first, work)).rejects.toBe(refusal);
    expect(seen).toEqual([0]);
  });
});

describe.each(engines)('%s: a client whose request waits', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServerOn(engine);
    await server.user();
  });
  afterAll(() => server.stop());

  it('is told to try again where it is changed again and again', async () => {
    const app = await confidentialClient(server);
    const code = await authorize(server, app.client);
    let name = 0;
    const change = async (): Promise<void> => {
      name += 1;
      const outcome = await updateClient(server.gatehouse, grantTypes, app.client.client_id, {
        client_name: `Name ${name}`,
      });
      if (isRefusal(outcome)) throw new Error(outcome.description);
      if (name < 10) beforeNextWrite(server.gatehouse, change);
    };
    beforeNextWrite(server.gatehouse, change);
    const { status, headers } = await redeem(server, app, code);
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    name = 10;
    beforeNextWrite(server.gatehouse, async () => {});
    expect((await redeem(server, app, code)).status).toBe(200);
  });
});
