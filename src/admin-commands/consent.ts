import { z } from 'zod';
import { describeAccess } from '../oauth/access/describe-access-for-operators.ts';
import { parseAccess } from '../oauth/access/stored-access.ts';
import { type ConsentRow, listConsents } from '../storage/tables/consents.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type Noun, verb } from './noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from './read-part-of-list.ts';
import { withUsernames } from './usernames-beside-subs.ts';
import { withUser } from './with-user.ts';

function describe({ sub, client_id, access, created_at, updated_at }: ConsentRow) {
  return {
    sub,
    client_id,
    ...describeAccess(parseAccess(access)),
    created_at: isoTime(created_at),
    updated_at: isoTime(updated_at),
  };
}

export const consentNoun: Noun = {
  name: 'consent',
  summary: 'what people allowed clients, as it is remembered (grant revoke withdraws it)',
  verbs: [
    verb({
      name: 'list',
      summary: 'what one person allowed',
      input: z.object({ user: boundedText, ...range }),
      flags: [{ member: 'user', flag: 'user', kind: 'text', sentence: 'whose' }, ...rangeFlags('client_id')],
      async run(context, { user, limit, after = '' }) {
        return withUser(context, user, (sub) =>
          readPart({
            limit,
            read: (wanted) => listConsents(context.db, sub, { after, limit: wanted }),
            keyOf: ({ client_id }) => client_id,
            value: (rows) => withUsernames(context.db, rows.map(describe)),
          }),
        );
      },
    }),
  ],
};
