/** Audit events, in the transaction of what they record; what writes nothing else is appended in batches. */
import { newIdentifier } from '../lib/ids.ts';
import type { Clock, Logger, Random } from '../lib/runtime.ts';
import type { Database, Tx } from '../storage/database.ts';
import { type AuditRow, insertAuditEvent } from '../storage/tables/audit.ts';
import type { AuditEvent } from './events.ts';

const BATCH_MS = 500;
const BATCH_LIMIT = 1000;

export interface Audit {
  /** Writes the event in the caller's transaction: it stays exactly if that commits. */
  record(tx: Tx, event: AuditEvent): Promise<void>;
  /** Appends the event within 1 s, for decisions that write nothing else. */
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
  let waiting: AuditRow[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const rows = waiting;
    waiting = [];
    if (rows.length === 0) return;
    try {
      await parts.db.write(async (tx) => {
        for (const row of rows) await insertAuditEvent(tx, row);
      });
    } catch (error) {
      waiting = [...rows, ...waiting].slice(-BATCH_LIMIT * 10);
      parts.log.error({ error: String(error), events: rows.length }, 'audit events could not be written yet');
    }
  }

  return {
    async record(tx, event) {
      parts.count(event);
      await insertAuditEvent(tx, toRow(parts, event));
    },
    append(event) {
      parts.count(event);
      waiting.push(toRow(parts, event));
      if (waiting.length >= BATCH_LIMIT) void flush();
      else timer ??= setTimeout(() => void flush(), BATCH_MS).unref();
    },
    flush,
    async close() {
      await flush();
    },
  };
}

function toRow(parts: AuditParts, event: AuditEvent): AuditRow {
  return {
    event_id: newIdentifier(parts.clock, parts.random),
    at: parts.clock.nowMs(),
    type: event.type,
    reason: event.reason ?? null,
    sub: event.sub ?? null,
    client_id: event.client_id ?? null,
    grant_id: event.grant_id ?? null,
    sid: event.sid ?? null,
    address: event.source?.address ?? null,
    request_id: event.source?.requestId ?? null,
    details: JSON.stringify(event.details ?? {}),
  };
}
