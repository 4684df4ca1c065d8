import type { Client } from './client.ts';
import { isSelfRegistered } from './is-self-registered.ts';

/** What a person is shown of a client. RFC 7591 §2 */
export interface ShownClient {
  readonly name: string;
  /** The client whose logo this server hands on; undefined where it has none. */
  readonly logoOf: string | undefined;
  readonly policyUri: string | undefined;
  readonly tosUri: string | undefined;
  /** Y4 (ASVS V10.4.7): it registered itself; the operator did not check it. */
  readonly isSelfRegistered: boolean;
}

/** What the pages for signing in and consent show of the client. RFC 7591 §2 */
export function shownClient(client: Client): ShownClient {
  const { client_id, metadata } = client;
  return {
    name: metadata.client_name,
    logoOf: metadata.logo_uri === undefined ? undefined : client_id,
    policyUri: metadata.policy_uri,
    tosUri: metadata.tos_uri,
    isSelfRegistered: isSelfRegistered(client),
  };
}
