import { z } from 'zod';
import { isRefusal, refuse } from '../lib/outcome.ts';
import { type ListedKey, listKeys } from '../oauth/keys/list-keys.ts';
import { rotateKeys } from '../oauth/keys/rotate-and-revoke-keys.ts';
import { countTotp } from '../storage/tables/totp.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type Noun, verb } from './noun-and-verb-types.ts';
import { WithNotice } from './verb-output-types.ts';

function describe(key: ListedKey): object {
  const time = (milliseconds: number | null) => (milliseconds === null ? null : isoTime(milliseconds));
  const { kid, alg, state } = key;
  return {
    kid,
    alg,
    state,
    activates_at: time(key.activates_at),
    retires_at: time(key.retires_at),
    removed_at: time(key.removed_at),
  };
}

/** The server goes on without them, and lets nobody in by the password alone. */
const unreadableSeeds = (apps: number) =>
  `${apps} authenticator apps were set up under the former master key, and their codes are refused under another. These people sign in with ` +
  'a recovery code and set up the app again; for one who has none: gatehouse user remove-second-factors NAME';

export const keysNoun: Noun = {
  name: 'keys',
  summary: 'the keys that sign tokens',
  verbs: [
    verb({
      name: 'list',
      summary: 'every published key: next, current or retired',
      input: z.object({}),
      run: async (context) => (await listKeys(context)).map(describe),
    }),
    verb({
      name: 'rotate',
      summary: 'publish a successor of every key; it signs when others have had time to fetch it',
      begins: true,
      input: z.object({
        now: z.boolean().optional(),
        revoke: z.array(boundedText).optional(),
        masterKeyChanged: z.boolean().optional(),
      }),
      flags: [
        {
          member: 'now',
          flag: 'now',
          kind: 'switch',
          sentence: 'sign with it at once; clients may fail until they fetch /jwks again',
        },
        {
          member: 'revoke',
          flag: 'revoke',
          kind: 'list',
          sentence:
            'with --now: the kid of a key that leaked; what it signed is valid no more; may be repeated',
        },
        {
          member: 'masterKeyChanged',
          flag: 'master-key-changed',
          kind: 'switch',
          sentence:
            'with --now, and every server stopped: replaces the keys that the master key does not open, as it is another one; refresh tokens end',
        },
      ],
      async run(context, { now = false, revoke, masterKeyChanged = false }) {
        if (revoke !== undefined && !now) {
          return refuse('usage', 'revoke_later', 'a key that leaked is replaced at once: add --now');
        }
        if (masterKeyChanged && !now) {
          return refuse('usage', 'replace_later', 'keys that do not open cannot sign: add --now');
        }
        const keys = await rotateKeys(context, { now, revoke, masterKeyChanged });
        if (isRefusal(keys)) return keys;
        const described = keys.map(describe);
        const apps = masterKeyChanged ? await countTotp(context.db) : 0;
        return apps === 0 ? described : new WithNotice(described, unreadableSeeds(apps));
      },
    }),
  ],
};
