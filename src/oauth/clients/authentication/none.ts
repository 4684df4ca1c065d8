import type { ClientAuthenticationMethod } from './method.ts';

/** RFC 6749 §2.1: a public client names itself with client_id and proves nothing. */
export const none: ClientAuthenticationMethod = {
  name: 'none',
  onlyAlone: true,
  claimedBy: ({ parameters }) => parameters.get('client_id'),
  verify: (client) => client !== undefined && !client.confidential,
};
