import { z } from 'zod';
import { refuse } from '../lib/outcome.ts';
import type { Tx } from '../storage/database.ts';
import { AT_ONCE, deleteOutbox, listOutbox, type OutboxRow, retryOutbox } from '../storage/tables/outbox.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type AdminContext, type Noun, verb } from './noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from './read-part-of-list.ts';
import { withUsernames } from './usernames-beside-subs.ts';
import type { Printed } from './verb-output-types.ts';
import { writeAudited } from './write-only-with-audit-event.ts';

const input = z.object({ outbox_key: boundedText });

function describe(
  nowMs: number,
  { outbox_key, kind, person, payload, attempts, next_at, last_error, dead_at }: OutboxRow,
): object {
  return {
    outbox_key,
    kind,
    ...(kind === 'mail' ? describeMail(person, payload) : JSON.parse(payload)),
    attempts,
    last_error,
    next_at: dead_at === null ? isoTime(next_at === AT_ONCE ? nowMs : next_at) : null,
    dead_at: dead_at === null ? null : isoTime(dead_at),
  };
}

/** To whom and what it tells of, without its content: `user get` has the address. */
function describeMail(sub: string, payload: string): object {
  return { sub, notice: JSON.parse(payload).notice };
}

function refuseUnknownKey(key: string) {
  return refuse(
    'not_found',
    'unknown_outbox_key',
    `there is nothing with the key ${key}; gatehouse outbox list shows what there is`,
  );
}

function change(
  context: AdminContext,
  type: 'outbox.retried' | 'outbox.deleted',
  outbox_key: string,
  act: (tx: Tx) => Promise<boolean>,
) {
  return writeAudited<Printed>(context, async (tx) => {
    if (!(await act(tx))) return refuseUnknownKey(outbox_key);
    context.audit.record(tx, { type, details: { outbox_key } });
    return { outbox_key };
  });
}

export const outboxNoun: Noun = {
  name: 'outbox',
  summary: 'messages to other servers, and mail to people, that still wait, and those that were given up',
  verbs: [
    verb({
      name: 'list',
      summary: 'the newest first',
      input: z.object(range),
      flags: rangeFlags('outbox_key'),
      run: ({ db, clock }, { limit, after }) =>
        readPart({
          limit,
          read: (wanted) => listOutbox(db, { limit: wanted, before: after }),
          keyOf: ({ outbox_key }) => outbox_key,
          value: (rows) =>
            withUsernames(
              db,
              rows.map((row) => describe(clock.nowMs(), row)),
            ),
        }),
    }),
    verb({
      name: 'retry',
      summary: 'try once more, now',
      input,
      argument: 'outbox_key',
      run: (gatehouse, { outbox_key }) =>
        change(gatehouse, 'outbox.retried', outbox_key, (tx) => retryOutbox(tx, outbox_key)),
    }),
    verb({
      name: 'delete',
      summary: 'give the message up',
      input,
      argument: 'outbox_key',
      run: (gatehouse, { outbox_key }) =>
        change(gatehouse, 'outbox.deleted', outbox_key, (tx) => deleteOutbox(tx, outbox_key)),
    }),
  ],
};
