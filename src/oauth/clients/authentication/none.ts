import type { ClientAuthenticationMethod } from './method.ts';

/** RFC 6749 §2.1: a public client names itself with client_id and proves nothing. */
export const none: ClientAuthenticationMethod = {
  name: 'none',
  claimedBy({ parameters, basic }) {
    const others = parameters.get('client_secret') ?? parameters.get('client_assertion');
    return basic === undefined && others === undefined ? parameters.get('client_id') : undefined;
  },
  verify: (client) => client !== undefined && !client.confidential,
};
