/** Audit events, in the transaction of what they record; what writes nothing else is appended in batches. */
import { newLabel } from '../lib/ids.ts';
import type { Clock, Logger, Random } from '../lib/runtime.ts';
import type { AuditEntry, Database, Tx } from '../storage/database.ts';
import type { AuditEvent } from './events.ts';
import { createRepeats, MINUTE_MS } from './repeats.ts';

const BATCH_MS = 500;
const BATCH_LIMIT = 1000;

export interface Audit {
  /** Writes the event in the caller's transaction: it stays exactly if that commits. */
  record(tx: Tx, event: AuditEvent): void;
  /**
   * Appends the event within 1 s, for decisions that write nothing else; of refusals that one address repeats, at the
   * end of the minute how many there were.
   */
  append(event: AuditEvent): void;
  /** Writes what waits. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface AuditParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly db: Database;
  /** Told of every event, at once (metrics). */
  readonly count: (event: AuditEvent) => void;
}

export function createAudit(parts: AuditParts): Audit {
  let waiting: AuditEntry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let minute: NodeJS.Timeout | undefined;
  const repeats = createRepeats(parts.clock);

  async function flush({ isLast = false } = {}): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const counted = repeats.counted(isLast).map((event) => toEntry(parts, event));
    const entries = [...waiting, ...counted];
    waiting = [];
    if (entries.length === 0) return;
    try {
      await parts.db.write(async (tx) => entries.forEach(tx.audit));
    } catch (error) {
      waiting = [...entries, ...waiting].slice(-BATCH_LIMIT * 10);
      parts.log.error(
        { error: String(error), events: entries.length },
        'audit events could not be written yet',
      );
    }
  }

  function flushAtMinutesEnd(): void {
    minute ??= setTimeout(() => {
      minute = undefined;
      void flush();
    }, MINUTE_MS).unref();
  }

  return {
    record(tx, event) {
      parts.count(event);
      tx.audit(toEntry(parts, event));
    },
    append(event) {
      parts.count(event);
      if (!repeats.isWritten(event)) return flushAtMinutesEnd();
      waiting.push(toEntry(parts, event));
      if (waiting.length >= BATCH_LIMIT) void flush();
      else timer ??= setTimeout(() => void flush(), BATCH_MS).unref();
    },
    flush,
    async close() {
      clearTimeout(minute);
      await flush({ isLast: true });
    },
  };
}

/** Its members in the order in which events are alike, which is what packs them well (tables/audit.ts). */
function toEntry({ clock, random }: AuditParts, event: AuditEvent): AuditEntry {
  const { type, reason, sub, client_id, grant_id, sid, details, source } = event;
  const written = {
    at: clock.nowMs(),
    type,
    reason,
    sub,
    client_id,
    grant_id,
    sid,
    details,
    address: source?.address,
    request_id: source?.requestId,
  };
  return { key: newLabel(clock, random), event: JSON.stringify(written) };
}
