/**
 * Refusals that anybody can bring about by the thousand. The first few of a minute are events of their own, so that what
 * a person reports is found by its request id; the others are counted, and one event says how many there were.
 */

import type { Clock } from '../lib/clock-and-random.ts';
import { addressBucket } from '../lib/ip.ts';
import type { Reason } from '../lib/reason.ts';
import type { AuditEvent } from './events.ts';

/** Who is told apart from whom: addresses, or callers who proved who they are, whose misses are ordinary. */
const refusals = {
  'authorization.refused': 'address',
  'form.refused': 'address',
  'token.refused': 'address',
  'userinfo.refused': 'address',
  'registration.refused': 'address',
  'logout.refused': 'address',
  'client.authentication_failed': 'address',
  'login.failed': 'address',
  'login.throttled': 'address',
  'introspection.refused': 'caller',
} as const;

export type RefusalType = keyof typeof refusals;

/** `client_id` is a registered client's, never a text that a stranger made up. */
export type RefusalEvent = AuditEvent & { readonly type: RefusalType; readonly reason: Reason };

const MINUTE_MS = 60_000;
/** Events of their own in a minute: of one type, client and address, of one address, and of all together. */
export const OWN_EVENTS = 10;
export const OWN_EVENTS_OF_ADDRESS = 100;
const OWN_EVENTS_OF_ALL = 1000;
/** So many are told apart in a minute; what more there are share a count for each type. */
const COUNTS = 4000;

interface Count {
  readonly type: RefusalType;
  readonly client_id: string | undefined;
  readonly address: string | undefined;
  own: number;
  /** How often for each reason, beyond what was an event of its own. */
  readonly reasons: Map<Reason, number>;
}

export interface Refusals {
  /** Whether this one is to be an event of its own; it is counted where not. */
  add(event: RefusalEvent): boolean;
  /** Ends the minute now, and tells what was counted. */
  end(): void;
}

/** `tell` gets one event for each count that is not zero, when its minute is over. */
export function createRefusals(clock: Clock, tell: (event: AuditEvent) => void): Refusals {
  let counts = new Map<string, Count>();
  let ownOf = new Map<string, number>();
  let own = 0;
  let endsAtMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function end(): void {
    clearTimeout(timer);
    timer = undefined;
    const over = counts;
    counts = new Map();
    ownOf = new Map();
    own = 0;
    for (const count of over.values()) if (count.reasons.size > 0) tell(eventOf(count));
  }

  function begin(nowMs: number): void {
    endsAtMs = nowMs + MINUTE_MS;
    timer = setTimeout(end, MINUTE_MS).unref();
  }

  return {
    add(event) {
      const nowMs = clock.nowMs();
      if (timer && nowMs >= endsAtMs) end();
      if (!timer) begin(nowMs);
      const count = findCount(counts, event);
      const { address = '' } = count;
      const ownOfAddress = ownOf.get(address) ?? 0;
      if (isOwn(count, ownOfAddress, own)) {
        count.own += 1;
        ownOf.set(address, ownOfAddress + 1);
        own += 1;
        return true;
      }
      count.reasons.set(event.reason, (count.reasons.get(event.reason) ?? 0) + 1);
      return false;
    },
    end,
  };
}

function isOwn({ type, own, address }: Count, ownOfAddress: number, ownOfAll: number): boolean {
  const isTold = refusals[type] === 'address' && address !== undefined;
  return isTold && own < OWN_EVENTS && ownOfAddress < OWN_EVENTS_OF_ADDRESS && ownOfAll < OWN_EVENTS_OF_ALL;
}

/** The count of this event's kind; the one that all others share, where there are too many. */
function findCount(counts: Map<string, Count>, { type, client_id, source }: RefusalEvent): Count {
  const address = refusals[type] === 'address' ? addressBucket(source?.address ?? '') : undefined;
  const kind = { type, client_id, address };
  const known = counts.get(JSON.stringify(kind));
  if (known) return known;
  const told = counts.size < COUNTS ? kind : { type, client_id: undefined, address: undefined };
  const key = JSON.stringify(told);
  const count = counts.get(key) ?? { ...told, own: 0, reasons: new Map<Reason, number>() };
  counts.set(key, count);
  return count;
}

/** A single reason is the event's own; several are told apart in its details. */
function eventOf({ type, client_id, address, reasons }: Count): AuditEvent {
  const times = [...reasons.values()].reduce((sum, one) => sum + one, 0);
  const [reason] = reasons.size === 1 ? reasons.keys() : [];
  return {
    type,
    reason,
    client_id,
    source: { address },
    details: { times, ...(reasons.size > 1 && Object.fromEntries(reasons)) },
  };
}
