import { clientCredentials } from '../../../../src/oauth/grants/client-credentials.ts';
import { confidentialClient } from '../../../support/flow.ts';
import type { GrantSample } from '../grant-sample.ts';

export const sample: GrantSample = {
  grant: clientCredentials,
  client: (server) =>
    confidentialClient(server, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    }),
  sent: async () => ({}),
  secrets: [],
  lifetimeMs: () => undefined,
  graceMs: () => 0,
};
