/**
 * Refusals that anyone can cause by the thousand. The first few of a minute are events of their own, so that a refusal
 * that a user reports is found by its request id; the others are counted, and one event says how many there were.
 */

import { addressBucket } from '../lib/address-bucket.ts';
import type { Clock } from '../lib/clock-and-random.ts';
import { MINUTE_MS } from '../lib/durations.ts';
import type { Reason } from '../lib/refusal-reason.ts';
import type { AuditEvent } from './events.ts';

/**
 * What the counts are kept by: the address, or for `caller` the authenticated client alone, whose refusals are ordinary and
 * have no events of their own.
 */
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

/** `client_id` is the id of a registered client, never a text from an unauthenticated request. */
export type RefusalEvent = AuditEvent & { readonly type: RefusalType; readonly reason: Reason };

/** Events of their own in a minute: for one type, client and address; for one address; and in all. */
export const OWN_EVENTS = 10;
export const OWN_EVENTS_OF_ADDRESS = 100;
const OWN_EVENTS_OF_ALL = 1000;

/** Separate counts in a minute; refusals beyond them share one count for each type. */
const COUNTS = 4000;

interface Count {
  readonly type: RefusalType;
  readonly client_id: string | undefined;
  readonly address: string | undefined;
  own: number;
  /** How often each reason occurred, beyond the events of their own. */
  readonly reasons: Map<Reason, number>;
}

export interface Refusals {
  /** True where the refusal is to be an event of its own; otherwise it is counted. */
  add(event: RefusalEvent): boolean;
  /** Ends the minute now, and reports the counts. */
  end(): void;
}

/** `report` receives one event for each count that is not zero, when its minute is over. */
export function createRefusals(clock: Clock, report: (event: AuditEvent) => void): Refusals {
  let counts = new Map<string, Count>();
  let ownOf = new Map<string, number>();
  let own = 0;
  let endsAtMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function end(): void {
    clearTimeout(timer);
    timer = undefined;
    const ended = counts;
    counts = new Map();
    ownOf = new Map();
    own = 0;
    for (const count of ended.values()) if (count.reasons.size > 0) report(eventOf(count));
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
  const hasOwnEvents = refusals[type] === 'address' && address !== undefined;
  return (
    hasOwnEvents && own < OWN_EVENTS && ownOfAddress < OWN_EVENTS_OF_ADDRESS && ownOfAll < OWN_EVENTS_OF_ALL
  );
}

/** The count for this type, client and address; beyond {@link COUNTS}, the shared count of the type. */
function findCount(counts: Map<string, Count>, { type, client_id, source }: RefusalEvent): Count {
  const address = refusals[type] === 'address' ? addressBucket(source?.address ?? '') : undefined;
  const exact = { type, client_id, address };
  const known = counts.get(JSON.stringify(exact));
  if (known) return known;
  const counted = counts.size < COUNTS ? exact : { type, client_id: undefined, address: undefined };
  const key = JSON.stringify(counted);
  const count = counts.get(key) ?? { ...counted, own: 0, reasons: new Map<Reason, number>() };
  counts.set(key, count);
  return count;
}

/** A single reason is the `reason` of the event; several are listed in its details, each with its count. */
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
