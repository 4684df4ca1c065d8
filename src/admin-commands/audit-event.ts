import { z } from 'zod';
import { auditEventTypes } from '../audit/events.ts';
import { findUser, findUserByUsername } from '../identity/users/users.ts';
import { isRefusal, refuse } from '../lib/outcome.ts';
import type { Reason } from '../lib/refusal-reason.ts';
import { timePrefix } from '../lib/time-ordered-ids-and-secrets.ts';
import { wholeNumber } from '../lib/whole-number.ts';
import { type AuditEventRow, findAuditEvents, listAuditEvents } from '../storage/tables/audit-log.ts';
import { findClient } from '../storage/tables/clients.ts';
import { findGrant } from '../storage/tables/grants.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type AdminContext, type Flag, type Noun, verb } from './noun-and-verb-types.ts';
import { readPart } from './read-part-of-list.ts';
import { withUsernames } from './usernames-beside-subs.ts';

/** Rows in one read. */
const PAGE = 500;
const DEFAULT_LIMIT = 100;

const input = z.object({
  user: boundedText.optional(),
  client: boundedText.optional(),
  grant: boundedText.optional(),
  request: boundedText.optional(),
  types: z.array(boundedText).optional(),
  actor: boundedText.optional(),
  since: boundedText.optional(),
  limit: wholeNumber(1, 100_000).default(DEFAULT_LIMIT),
  after: z.string().max(512).optional(),
});
type Input = z.output<typeof input>;

interface Wanted {
  readonly sinceMs: number;
  /** The list continues with events older than this one; undefined starts with the newest. */
  readonly after: Place | undefined;
  /** Undefined for all. */
  readonly types: readonly string[] | undefined;
  /** Members that must be equal; undefined matches any value. */
  readonly members: Partial<Record<keyof AuditEventRow, string | undefined>>;
}

/** The row that holds an event, and the older events of that row. */
interface Place {
  readonly logKey: string;
  readonly older: readonly AuditEventRow[];
}

export const auditEventNoun: Noun = {
  name: 'audit-event',
  summary: 'what was decided, when, for whom and why',
  verbs: [
    verb({
      name: 'list',
      summary: 'the newest events first',
      input,
      flags: [
        textFlag('user', 'only events of this person (name or sub)'),
        textFlag('client', 'only events of this client_id'),
        textFlag('grant', 'only events of this grant_id'),
        textFlag('request', 'only events of this request id'),
        {
          member: 'types',
          flag: 'type',
          kind: 'list',
          sentence: 'only events of this type, such as login.failed; may be repeated',
        },
        textFlag('actor', 'only events by this actor, such as "os:gatehouse (sudo alice)"'),
        textFlag('since', 'not before this time, such as 2026-11-20T08:00Z'),
        textFlag('limit', `how many at most (${DEFAULT_LIMIT})`),
        textFlag('after', 'continue after this event_id'),
      ],
      async run(context, asked) {
        const wanted = await readWanted(context, asked);
        if (isRefusal(wanted)) return wanted;
        const part = await readPart({
          limit: asked.limit,
          read: (limit) => collect(context, wanted, limit),
          keyOf: ({ event_id }) => event_id,
          value: (events) => withUsernames(context.db, describe(events)),
        });
        const isEmpty = Array.isArray(part.value) && part.value.length === 0;
        return (isEmpty ? await refuseUnknown(context, wanted.members) : undefined) ?? part;
      },
    }),
  ],
};

function textFlag(member: keyof Input, sentence: string): Flag<keyof Input> {
  return { member, flag: member, kind: 'text', sentence };
}

/** Sorted by time: an event that was appended after it occurred is in a later row. */
function describe(events: readonly AuditEventRow[]) {
  const inTime = [...events].sort((one, other) => other.at - one.at);
  return inTime.map(({ at, ...event }) => ({ at: isoTime(at), ...event }));
}

/** RFC 3339, or its date alone. Other notations are ambiguous: 12.11. is a day in November for half of the world. */
function timeOf(text: string): number {
  const isRfc3339 = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(
    text,
  );
  return isRfc3339 ? Date.parse(text) : Number.NaN;
}

async function readWanted(context: AdminContext, asked: Input) {
  const { user, client: client_id, grant: grant_id, request: request_id, types, actor, since, after } = asked;
  const sinceMs = since === undefined ? 0 : timeOf(since);
  if (Number.isNaN(sinceMs)) {
    return refuse('usage', 'malformed_since', `"${since}" is not a time; write 2026-11-20T08:00Z`);
  }
  if (types?.some((type) => !auditEventTypes.some((known) => known === type))) {
    return refuse('usage', 'unknown_event_type', `type must be one of ${auditEventTypes.join(', ')}`);
  }
  const place = after === undefined ? undefined : await findPlace(context, after);
  if (after !== undefined && !place)
    return refuse('not_found', 'unknown_event', `there is no audit-event ${after}`);
  const sub = user === undefined ? undefined : ((await findUserByUsername(context, user))?.sub ?? user);
  return { sinceMs, after: place, types, members: { sub, client_id, grant_id, request_id, actor } };
}

const UNKNOWN: readonly {
  readonly member: 'sub' | 'client_id' | 'grant_id';
  readonly noun: string;
  readonly reason: Reason;
  readonly advice: string;
  isThere(context: AdminContext, id: string): Promise<unknown>;
}[] = [
  {
    member: 'sub',
    noun: 'user',
    reason: 'unknown_user',
    advice: '; who was deleted is found by sub',
    isThere: (context, sub) => findUser(context, sub),
  },
  {
    member: 'client_id',
    noun: 'client',
    reason: 'unknown_client',
    advice: '',
    isThere: ({ db }, id) => findClient(db, id),
  },
  {
    member: 'grant_id',
    noun: 'grant',
    reason: 'unknown_grant',
    advice: '',
    isThere: ({ db }, id) => findGrant(db, id),
  },
];

/** Refuses an id that neither exists nor is in any event: for a mistyped name, "(none)" would say that nothing happened. */
async function refuseUnknown(context: AdminContext, members: Wanted['members']) {
  for (const { member, noun, reason, advice, isThere } of UNKNOWN) {
    const id = members[member];
    if (id === undefined || (await isThere(context, id))) continue;
    const about = { sinceMs: 0, after: undefined, types: undefined, members: { [member]: id } };
    const events = await collect(context, about, 1);
    if (events.length === 0)
      return refuse('not_found', reason, `there is no ${noun} ${id}, and no event about one${advice}`);
  }
  return undefined;
}

/** Where the list continues; undefined where the event does not exist, or no longer does. */
async function findPlace({ db }: AdminContext, eventId: string): Promise<Place | undefined> {
  const logKey = eventId.slice(0, eventId.lastIndexOf('.'));
  const events = await findAuditEvents(db, logKey);
  const index = events.findIndex(({ event_id }) => event_id === eventId);
  return index === -1 ? undefined : { logKey, older: events.slice(index + 1) };
}

async function collect({ db }: AdminContext, wanted: Wanted, limit: number): Promise<AuditEventRow[]> {
  const fromKey = timePrefix(wanted.sinceMs);
  const found = wanted.after?.older.filter((event) => isWanted(event, wanted)) ?? [];
  let beforeKey = wanted.after?.logKey;
  do {
    const page = await listAuditEvents(db, { fromKey, beforeKey, limit: PAGE });
    found.push(...page.events.filter((event) => isWanted(event, wanted)));
    beforeKey = page.lastKey;
  } while (beforeKey !== undefined && found.length < limit);
  return found.slice(0, limit);
}

function isWanted(event: AuditEventRow, { sinceMs, types, members }: Wanted): boolean {
  if (event.at < sinceMs || types?.includes(event.type) === false) return false;
  const entries = Object.entries(members) as [keyof AuditEventRow, string | undefined][];
  return entries.every(([name, value]) => value === undefined || event[name] === value);
}
