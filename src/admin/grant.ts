import { z } from 'zod';
import { findUserByUsername } from '../identity/users.ts';
import { refuse } from '../lib/outcome.ts';
import { deleteConsent } from '../storage/tables/consents.ts';
import { findGrant, listLiveGrants, revokeGrant, revokeGrantsOf } from '../storage/tables/grants.ts';
import { type AdminContext, isoTime, type Noun, verb } from './noun.ts';

async function subOf(context: AdminContext, user: string): Promise<string> {
  return (await findUserByUsername(context, user))?.sub ?? user;
}

/** All that a user gave a client: its grants and the remembered consent. */
async function revokeAll(context: AdminContext, user: string, client_id: string): Promise<unknown> {
  const sub = await subOf(context, user);
  return context.db.write(async (tx) => {
    const revoked = await revokeGrantsOf(tx, sub, client_id, context.clock.nowMs());
    await deleteConsent(tx, sub, client_id);
    context.audit.record(tx, { type: 'grant.revoked', sub, client_id, details: { revoked } });
    return { sub, client_id, revoked };
  });
}

async function revokeOne(context: AdminContext, grant_id: string): Promise<unknown> {
  const grant = await findGrant(context.db, grant_id);
  if (!grant) return refuse('not_found', 'unknown_grant', `there is no grant ${grant_id}`);
  return context.db.write(async (tx) => {
    const revoked = await revokeGrant(tx, grant_id, context.clock.nowMs());
    const { sub, client_id } = grant;
    if (revoked) context.audit.record(tx, { type: 'grant.revoked', sub, client_id, grant_id });
    return { grant_id, revoked: revoked ? 1 : 0 };
  });
}

export const grantNoun: Noun = {
  name: 'grant',
  summary: 'what people allowed clients',
  verbs: [
    verb({
      name: 'list',
      summary: 'live grants',
      input: z.object({ user: z.string().optional() }),
      flags: [{ member: 'user', flag: 'user', kind: 'text', sentence: 'of one person alone' }],
      async run(context, { user }) {
        const sub = user === undefined ? undefined : await subOf(context, user);
        const rows = await listLiveGrants(context.db, context.clock.nowMs(), sub);
        return rows.map(({ grant_id, sub: owner, client_id, scope, created_at, expires_at }) => ({
          grant_id,
          sub: owner,
          client_id,
          scope,
          created_at: isoTime(created_at),
          expires_at: isoTime(expires_at),
        }));
      },
    }),
    verb({
      name: 'revoke',
      summary: 'end one grant, or with --user and --client all of them and the consent',
      input: z.object({
        grant_id: z.string().optional(),
        user: z.string().optional(),
        client: z.string().optional(),
      }),
      argument: 'grant_id',
      flags: [
        { member: 'user', flag: 'user', kind: 'text', sentence: 'whose' },
        { member: 'client', flag: 'client', kind: 'text', sentence: 'the client_id' },
      ],
      async run(context, { grant_id, user, client }) {
        if (grant_id !== undefined) return revokeOne(context, grant_id);
        if (user !== undefined && client !== undefined) return revokeAll(context, user, client);
        return refuse('usage', 'missing_grant', 'name a grant_id, or --user and --client');
      },
    }),
  ],
};
