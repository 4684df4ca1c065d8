/** A client as a value, for functions that ask no database. */

import { isRefusal } from '../../../src/lib/outcome.ts';
import { sha256 } from '../../../src/lib/sha256-and-hmac.ts';
import { authenticationMethods } from '../../../src/oauth/clients/authentication/index.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { checkMetadata } from '../../../src/oauth/clients/complete-and-check-metadata.ts';
import { createClientSecrets } from '../../../src/oauth/clients/live-secret-hashes.ts';
import type { MetadataRules } from '../../../src/oauth/clients/metadata-shape.ts';
import { grants } from '../../../src/oauth/grants/index.ts';
import { CALLBACK } from '../../support/flow.ts';

/** Those of a client that an operator registers. */
export const operatorsRules: MetadataRules = {
  profile: 'oidc',
  development: false,
  grantTypes: grants,
  authMethods: authenticationMethods,
};

/** Its metadata are completed and checked as those of any client are. */
export function clientOf(metadata: Record<string, unknown> = {}, more: Partial<Client> = {}): Client {
  const named = { client_name: 'Test app', redirect_uris: [CALLBACK], ...metadata };
  const completed = checkMetadata(named, operatorsRules);
  if (isRefusal(completed)) throw new Error(completed.description);
  const metadataText = JSON.stringify(completed);
  return {
    client_id: 'app',
    profile: 'oidc',
    metadata: completed,
    metadataText,
    metadataHash: sha256(`oidc ${metadataText}`),
    confidential: completed.token_endpoint_auth_method !== 'none',
    disabled: false,
    registrationTokenHash: undefined,
    lastUsedMs: undefined,
    secrets: createClientSecrets([]),
    createdAtMs: 0,
    epoch: 0,
    ...more,
  };
}
