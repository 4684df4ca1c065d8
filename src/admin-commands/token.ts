import { z } from 'zod';
import { refuse } from '../lib/outcome.ts';
import { describeAccess } from '../oauth/access/describe-access-for-operators.ts';
import { parseAccess } from '../oauth/access/stored-access.ts';
import { revokePresented } from '../oauth/requests/revocation.ts';
import {
  findEndableToken,
  findPresentedToken,
  type PresentedToken,
} from '../oauth/tokens/presented-token.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type Flag, type Noun, verb } from './noun-and-verb-types.ts';
import { withUsernames } from './usernames-beside-subs.ts';
import { MAY_CHANGE_NOTHING, writeAudited } from './write-only-with-audit-event.ts';

const input = z.object({ token: boundedText });

/** A token is a secret, so it is never an argument. */
const flags: readonly Flag<'token'>[] = [
  {
    member: 'token',
    flag: 'stdin',
    kind: 'secret',
    sentence: 'read the token from standard input (always so)',
  },
];

interface ActiveToken {
  readonly active: true;
  readonly kind: PresentedToken['kind'];
  readonly sub?: string;
}

function membersOf(presented: PresentedToken): ActiveToken {
  const common = { active: true, kind: presented.kind } as const;
  if (presented.kind === 'access_token') return { ...common, ...presented.claims };
  const { sub, client_id, access, grant_id, expires_at } = presented.grant;
  const { scope } = describeAccess(parseAccess(access));
  return { ...common, sub, ...{ client_id, scope, grant_id, expires_at: isoTime(expires_at) } };
}

export const tokenNoun: Noun = {
  name: 'token',
  summary: 'one token, read from standard input',
  verbs: [
    verb({
      name: 'introspect',
      summary: 'what a token is valid for now',
      input,
      flags,
      async run(context, { token }) {
        const presented = await findPresentedToken(context, token);
        if (!presented) return { active: false };
        const members = membersOf(presented);
        return (await withUsernames(context.db, [members]))[0] ?? members;
      },
    }),
    verb({
      name: 'revoke',
      summary: 'end a token; a refresh token ends its grant',
      input,
      flags,
      async run(context, { token }) {
        const presented = await findEndableToken(context, token);
        if (!presented) return refuse('not_found', 'token_not_active', 'the token is unknown or revoked');
        return writeAudited(
          context,
          async (tx) => {
            await revokePresented(context, tx, presented, undefined);
            return { revoked: true, kind: presented.kind };
          },
          MAY_CHANGE_NOTHING,
        );
      },
    }),
  ],
};
