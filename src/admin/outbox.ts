import { z } from 'zod';
import { refuse } from '../lib/outcome.ts';
import { deleteOutbox, listOutbox, type OutboxRow, reviveOutbox } from '../storage/tables/outbox.ts';
import { range, rangeFlags, readPart } from './list.ts';
import { isoTime, type Noun, verb } from './noun.ts';
import { withUsernames } from './usernames.ts';

const input = z.object({ outbox_key: z.string() });

function describe({ outbox_key, kind, payload, attempts, next_at, last_error, dead_at }: OutboxRow): object {
  return {
    outbox_key,
    kind,
    ...JSON.parse(payload),
    attempts,
    last_error,
    next_at: dead_at === null ? isoTime(next_at) : null,
    dead_at: dead_at === null ? null : isoTime(dead_at),
  };
}

function unknown(key: string) {
  return refuse(
    'not_found',
    'unknown_outbox_key',
    `there is nothing with the key ${key}; gatehouse outbox list shows what there is`,
  );
}

export const outboxNoun: Noun = {
  name: 'outbox',
  summary: 'what other servers are still to be told, and what was given up',
  verbs: [
    verb({
      name: 'list',
      summary: 'the newest first',
      input: z.object(range),
      flags: rangeFlags('outbox_key'),
      run: ({ db }, { limit, after }) =>
        readPart({
          limit,
          read: (wanted) => listOutbox(db, { limit: wanted, before: after }),
          keyOf: ({ outbox_key }) => outbox_key,
          value: (rows) => withUsernames(db, rows.map(describe)),
        }),
    }),
    verb({
      name: 'retry',
      summary: 'try once more, now',
      input,
      argument: 'outbox_key',
      async run({ db, clock }, { outbox_key }) {
        const isThere = await db.write((tx) => reviveOutbox(tx, outbox_key, clock.nowMs()));
        return isThere ? { outbox_key } : unknown(outbox_key);
      },
    }),
    verb({
      name: 'delete',
      summary: 'give it up',
      input,
      argument: 'outbox_key',
      async run({ db }, { outbox_key }) {
        return (await db.write((tx) => deleteOutbox(tx, outbox_key))) ? { outbox_key } : unknown(outbox_key);
      },
    }),
  ],
};
