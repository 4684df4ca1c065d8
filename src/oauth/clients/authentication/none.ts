import { type ClientAuthenticationMethod, unproven } from './method.ts';

/** RFC 6749 §2.1: a public client names itself with client_id and proves nothing. */
export const none: ClientAuthenticationMethod = {
  name: 'none',
  onlyAlone: true,
  claimedBy: ({ parameters }) => parameters.get('client_id'),
  verify: (_context, client) =>
    client !== undefined && !client.confidential ? undefined : unproven('wrong_method'),
  holds: (_context, { now }) => !now.confidential,
};
