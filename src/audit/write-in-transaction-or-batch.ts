/**
 * Writes audit events in the transaction that they record; events of decisions that write nothing else are appended in
 * batches.
 */

import type { Clock, Random } from '../lib/clock-and-random.ts';
import type { Logger } from '../lib/log.ts';
import { newLabel } from '../lib/time-ordered-ids-and-secrets.ts';
import type { AuditEntry, Database, Tx } from '../storage/database.ts';
import { createRefusals, type RefusalEvent, type RefusalType } from './count-refusals.ts';
import type { AuditEvent, RecordedEventType } from './events.ts';

const BATCH_MS = 500;
const BATCH_LIMIT = 1000;

/** Events in one transaction, so that the counts of a minute do not delay other writes. */
const WRITTEN_AT_ONCE = 500;

/** Events that are kept while the database is unavailable: the newest. */
const WAITING_LIMIT = 10_000;

export interface Audit {
  /** Writes the event in the caller's transaction: it stays exactly if that commits. */
  record(tx: Tx, event: AuditEvent & { readonly type: RecordedEventType }): void;
  /** Appends the event within 1 s, for decisions that write nothing else. */
  append(event: AuditEvent & { readonly type: Exclude<RecordedEventType, RefusalType> }): void;
  /** For refusals that anyone can cause: the first few of a minute are appended, the others counted. */
  refused(event: RefusalEvent): void;
  /** Writes the waiting events and the counts. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface AuditParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly db: Database;
  /** Called for every event (metrics); for those of a transaction when it is committed. */
  readonly count: (event: AuditEvent) => void;
}

/**
 * Events outside a transaction are written every 500 ms, or at once when 1,000 are waiting. While the database accepts
 * no writes, the newest 10,000 are kept in memory and retried.
 */
export function createAudit(parts: AuditParts): Audit {
  let waiting: AuditEntry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;
  let isClosed = false;
  const refusals = createRefusals(parts.clock, add);

  function add(event: AuditEvent): void {
    waiting.push(toEntry(parts, event));
    if (waiting.length >= BATCH_LIMIT) void write();
    else writeLater();
  }

  function writeLater(): void {
    if (!isClosed) timer ??= setTimeout(() => void write(), BATCH_MS).unref();
  }

  function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    underWay ??= writeAll().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, WRITTEN_AT_ONCE);
      try {
        await parts.db.write(async (tx) => batch.forEach(tx.audit));
      } catch (error) {
        waiting = [...batch, ...waiting].slice(-WAITING_LIMIT);
        const events = waiting.length;
        parts.log.error({ error: String(error), events }, 'audit events could not be written yet');
        return writeLater();
      }
    }
  }

  async function flush(): Promise<void> {
    refusals.end();
    await write();
  }

  return {
    record(tx, event) {
      tx.audit({ ...toEntry(parts, event), committed: () => parts.count(event) });
    },
    append(event) {
      parts.count(event);
      add(event);
    },
    refused(event) {
      parts.count(event);
      if (refusals.add(event)) add(event);
    },
    flush,
    async close() {
      isClosed = true;
      await flush();
    },
  };
}

/** The same audit, with `actor` in every event. */
export function actingAs(audit: Audit, actor: string): Audit {
  return {
    ...audit,
    record: (tx, event) => audit.record(tx, { ...event, actor }),
    append: (event) => audit.append({ ...event, actor }),
    refused: (event) => audit.refused({ ...event, actor }),
  };
}

/** Members that repeat between events come first, in a fixed order, so that batches compress well (tables/audit-log.ts). */
export function toEntry(
  { clock, random }: Pick<AuditParts, 'clock' | 'random'>,
  event: AuditEvent,
): AuditEntry {
  const { type, reason, sub, client_id, grant_id, sid, actor, details, source } = event;
  const written = {
    at: clock.nowMs(),
    type,
    reason,
    sub,
    client_id,
    grant_id,
    sid,
    actor,
    details,
    address: source?.address,
    request_id: source?.requestId,
  };
  return { key: newLabel(clock, random), event: JSON.stringify(written) };
}
