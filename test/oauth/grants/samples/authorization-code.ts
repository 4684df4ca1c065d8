import { authorizationCode } from '../../../../src/oauth/grants/authorization-code.ts';
import { authorize, CALLBACK, publicClient } from '../../../support/flow.ts';
import type { GrantSample } from '../grant-sample.ts';

export const sample: GrantSample = {
  grant: authorizationCode,
  client: (server) => publicClient(server),
  async sent(server, { client }) {
    const { code, pkce } = await authorize(server, client);
    return { code, redirect_uri: CALLBACK, code_verifier: pkce.code_verifier };
  },
  secrets: ['code', 'code_verifier'],
  lifetimeMs: ({ gatehouse }) => gatehouse.settings.code_seconds * 1000,
  graceMs: () => 0,
};
