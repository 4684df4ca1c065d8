import { z } from 'zod';
import { refuse } from '../lib/outcome.ts';
import { revokePresented } from '../oauth/requests/revocation.ts';
import { findEndableToken, findPresentedToken } from '../oauth/tokens/presented.ts';
import { type Flag, isoTime, type Noun, verb } from './noun.ts';

const input = z.object({ token: z.string() });
/** Tokens are secrets: never an argument. */
const flags: readonly Flag[] = [
  {
    member: 'token',
    flag: 'stdin',
    kind: 'secret',
    sentence: 'read the token from standard input (always so)',
  },
];

export const tokenNoun: Noun = {
  name: 'token',
  summary: 'one token, read from standard input',
  verbs: [
    verb({
      name: 'introspect',
      summary: 'what a token stands for now',
      input,
      flags,
      async run(context, { token }) {
        const presented = await findPresentedToken(context, token);
        if (!presented) return { active: false };
        if (presented.kind === 'access_token')
          return { active: true, kind: presented.kind, ...presented.claims };
        const { sub, client_id, scope, grant_id } = presented.grant;
        const expires_at = isoTime(presented.grant.expires_at);
        return { active: true, kind: presented.kind, sub, client_id, scope, grant_id, expires_at };
      },
    }),
    verb({
      name: 'revoke',
      summary: 'end a token; a refresh token ends its grant',
      input,
      flags,
      async run(context, { token }) {
        const presented = await findEndableToken(context, token);
        if (!presented)
          return refuse('not_found', 'token_not_active', 'the token is unknown, expired or revoked');
        await revokePresented(context, presented, undefined);
        return { revoked: true, kind: presented.kind };
      },
    }),
  ],
};
