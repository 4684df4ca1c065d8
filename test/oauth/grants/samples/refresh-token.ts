import { refreshToken } from '../../../../src/oauth/grants/refresh-token.ts';
import { authorize, publicClient, redeem } from '../../../support/flow.ts';
import type { GrantSample } from '../grant-sample.ts';

export const sample: GrantSample = {
  grant: refreshToken,
  client: (server) => publicClient(server),
  async sent(server, as) {
    const { body } = await redeem(server, as, await authorize(server, as.client));
    return { refresh_token: body.refresh_token };
  },
  secrets: ['refresh_token'],
  lifetimeMs: ({ gatehouse }) => gatehouse.settings.refresh_token_idle_seconds * 1000,
  graceMs: ({ gatehouse }) => gatehouse.settings.refresh_token_grace_seconds * 1000,
};
