import { z } from 'zod';
import { refuse } from '../lib/outcome.ts';
import { describeAccess } from '../oauth/access/describe-access-for-operators.ts';
import { parseAccess } from '../oauth/access/stored-access.ts';
import { revokeGrantsOf } from '../oauth/end-all-or-surplus-grants.ts';
import { findClient } from '../storage/tables/clients.ts';
import { deleteConsent } from '../storage/tables/consents.ts';
import { findGrant, type GrantRow, revokeGrant } from '../storage/tables/grants.ts';
import { listLiveGrants } from '../storage/tables/live-grants.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type AdminContext, type Noun, verb } from './noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from './read-part-of-list.ts';
import { withUsernames } from './usernames-beside-subs.ts';
import type { Printed } from './verb-output-types.ts';
import { withUser } from './with-user.ts';
import { MAY_CHANGE_NOTHING, writeAudited } from './write-only-with-audit-event.ts';

/** Revokes everything that a user gave a client: its grants and the remembered consent. */
async function revokeAll(context: AdminContext, sub: string, client_id: string): Promise<Printed> {
  return writeAudited<Printed>(
    context,
    async (tx) => {
      await tx.lockTableOnRetry?.();
      if (!(await findClient(tx, client_id)))
        return refuse('not_found', 'unknown_client', `there is no client ${client_id}`);
      const revoked = await revokeGrantsOf(context, tx, { sub, client_id });
      await deleteConsent(tx, sub, client_id);
      context.audit.record(tx, { type: 'grant.revoked', sub, client_id, details: { revoked } });
      return { sub, client_id, revoked };
    },
    MAY_CHANGE_NOTHING,
  );
}

async function revokeOne(context: AdminContext, grant_id: string): Promise<Printed> {
  const grant = await findGrant(context.db, grant_id);
  if (!grant) return refuse('not_found', 'unknown_grant', `there is no grant ${grant_id}`);
  return writeAudited<Printed>(context, async (tx) => {
    const revoked = await revokeGrant(tx, grant_id, context.clock.nowMs());
    const { sub, client_id } = grant;
    if (revoked) context.audit.record(tx, { type: 'grant.revoked', sub, client_id, grant_id });
    return { grant_id, revoked: revoked ? 1 : 0 };
  });
}

function describe({ grant_id, sub, client_id, access, created_at, expires_at }: GrantRow) {
  return {
    grant_id,
    sub,
    client_id,
    scope: describeAccess(parseAccess(access)).scope,
    created_at: isoTime(created_at),
    expires_at: isoTime(expires_at),
  };
}

export const grantNoun: Noun = {
  name: 'grant',
  summary: 'what people allowed clients',
  verbs: [
    verb({
      name: 'list',
      summary: 'live grants',
      input: z.object({ user: boundedText.optional(), ...range }),
      flags: [
        { member: 'user', flag: 'user', kind: 'text', sentence: 'of one person alone' },
        ...rangeFlags('grant_id'),
      ],
      async run(context, { user, limit, after }) {
        const list = (sub?: string) =>
          readPart({
            limit,
            read: (wanted) =>
              listLiveGrants(context.db, context.clock.nowMs(), { limit: wanted, before: after }, sub),
            keyOf: ({ grant_id }) => grant_id,
            value: (rows) => withUsernames(context.db, rows.map(describe)),
          });
        return user === undefined ? list() : withUser(context, user, list);
      },
    }),
    verb({
      name: 'revoke',
      summary: 'end one grant, or with --user and --client all of them and the consent',
      input: z.object({
        grant_id: boundedText.optional(),
        user: boundedText.optional(),
        client: boundedText.optional(),
      }),
      argument: 'grant_id',
      flags: [
        { member: 'user', flag: 'user', kind: 'text', sentence: 'whose' },
        { member: 'client', flag: 'client', kind: 'text', sentence: 'the client_id' },
      ],
      async run(context, { grant_id, user, client }) {
        const isOne = grant_id !== undefined;
        if (isOne && user === undefined && client === undefined) return revokeOne(context, grant_id);
        if (!isOne && user !== undefined && client !== undefined)
          return withUser(context, user, (sub) => revokeAll(context, sub, client));
        return refuse('usage', 'missing_grant', 'name a grant_id, or --user and --client, and not both');
      },
    }),
  ],
};
