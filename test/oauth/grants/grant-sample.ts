/** How a client comes by what it sends for a grant: each grant of the table says so in samples/. */
import type { Grant } from '../../../src/oauth/grants/grant-type-interface.ts';
import { type Answer, post, type Registered } from '../../support/flow.ts';
import type { TestServer } from '../../support/server.ts';

/** What a client sends for the grant, beside grant_type. */
export type Sent = Readonly<Record<string, string>>;

export interface GrantSample {
  readonly grant: Grant;
  /** A new client that may use the grant. */
  client(server: TestServer): Promise<Registered>;
  /** What this client may send, once; each time another. */
  sent(server: TestServer, client: Registered): Promise<Sent>;
  /** The members of what is sent that nobody else may know: they are stored as hashes. */
  readonly secrets: readonly string[];
  /** Of a grant that answers authorization_pending: what its client may send, each time another, that no user has decided yet. */
  pending?(server: TestServer, client: Registered): Promise<Sent>;
  /** How long what is sent may be used; undefined where it is nothing that was stored. */
  lifetimeMs(server: TestServer): number | undefined;
  /**
   * For how long after its use it is answered again, as `grantProvenWithoutSpending` allows, with the same refresh token; 0
   * where it is not.
   */
  graceMs(server: TestServer): number;
}

/** One new client with what it may send. */
export interface Asking {
  readonly client: Registered;
  /** The values of {@link GrantSample.secrets}. */
  readonly secrets: readonly string[];
  ask(as?: Registered): Promise<Answer>;
}

/** A new client of the sample, with what `sent` makes for it. */
export async function askerOf(
  server: TestServer,
  sample: GrantSample,
  sent: GrantSample['sent'] = sample.sent,
): Promise<Asking> {
  const { grantType: grant_type } = sample.grant;
  const client = await sample.client(server);
  const form = await sent(server, client);
  return {
    client,
    secrets: sample.secrets.map((name) => form[name] ?? `the sample sends no ${name}`),
    async ask(as = client) {
      const answer = await post(server, '/token', { grant_type, ...form }, as);
      if (answer.status >= 500) throw new Error(`${grant_type} is answered with ${answer.status}`);
      return answer;
    },
  };
}
