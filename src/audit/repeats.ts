/** Refusals that come again and again from one address: each of the first of a minute, and how many more there were. */
import { addressBucket } from '../lib/ip.ts';
import type { Clock } from '../lib/runtime.ts';
import type { AuditEvent } from './events.ts';

export const MINUTE_MS = 60_000;
/** Written one by one of one kind from one address, and of all together. */
const EACH = 100;
const TOGETHER = 2000;
/** Kinds and addresses that are told apart; the rest count as one. */
const TOLD_APART = 1000;

interface Counted {
  readonly event: AuditEvent;
  written: number;
  more: number;
}

export interface Repeats {
  /** Whether it is written by itself; otherwise it is counted. */
  isWritten(event: AuditEvent): boolean;
  /** What was counted in minutes that are over, and with `untilNow` in this one: an event for each kind and address. */
  counted(untilNow: boolean): readonly AuditEvent[];
}

export function createRepeats(clock: Clock): Repeats {
  const counts = new Map<string, Counted>();
  let over: AuditEvent[] = [];
  let sinceMs = clock.nowMs();
  let written = 0;

  function closeMinute(): void {
    over.push(...[...counts.values()].filter(({ more }) => more > 0).map(summaryOf));
    counts.clear();
    written = 0;
    sinceMs = clock.nowMs();
  }

  return {
    isWritten(event) {
      if (event.reason === undefined || event.source === undefined) return true;
      if (clock.nowMs() >= sinceMs + MINUTE_MS) closeMinute();
      const count = countOf(counts, event);
      const isWritten = count.written < EACH && written < TOGETHER;
      if (isWritten) {
        count.written += 1;
        written += 1;
      } else count.more += 1;
      return isWritten;
    },
    counted(untilNow) {
      if (untilNow || clock.nowMs() >= sinceMs + MINUTE_MS) closeMinute();
      const counted = over;
      over = [];
      return counted;
    },
  };
}

function countOf(counts: Map<string, Counted>, event: AuditEvent): Counted {
  const { type, client_id, source } = event;
  const isNamed = (key: string) => counts.has(key) || counts.size < TOLD_APART;
  const own = `${type} ${client_id ?? ''} ${addressBucket(source?.address ?? '')}`;
  const key = isNamed(own) ? own : type;
  const known = counts.get(key) ?? {
    event: key === own ? { type, client_id, source } : { type },
    written: 0,
    more: 0,
  };
  counts.set(key, known);
  return known;
}

function summaryOf({ event, more }: Counted): AuditEvent {
  return { ...event, reason: 'repeated', details: { more } };
}
