/** Which key signs, by the times that each has. Decision 0031: next → current → retired → gone. */
import type { KeyRow } from '../../storage/tables/keys.ts';

export type KeyState = 'next' | 'current' | 'retired';

type Standing = Pick<KeyRow, 'activates_at' | 'retires_at' | 'private_sealed'>;

/** Whether the key's last time to sign is over; it may still be published. Never for a key without `retires_at`. */
export function isRetired({ retires_at }: Pick<KeyRow, 'retires_at'>, nowMs: number): boolean {
  return retires_at !== null && retires_at <= nowMs;
}

/** Whether the private part is still stored. Without it the key can only verify. */
export function isSealed({ private_sealed }: Pick<KeyRow, 'private_sealed'>): boolean {
  return private_sealed !== '';
}

/** The newest of an algorithm's keys, oldest first, that has begun. */
export function begunKey<Row extends Standing>(rows: readonly Row[], nowMs: number): Row | undefined {
  return rows.findLast((row) => row.activates_at <= nowMs && maySign(row, nowMs));
}

/**
 * The one that signs. Where none has begun, the clock that dated them was ahead, or this one is behind: then the first
 * that will begin. It is published too, and its times are not changed, as it is unknown which clock is right.
 */
export function signingKey<Row extends Standing>(rows: readonly Row[], nowMs: number): Row | undefined {
  return begunKey(rows, nowMs) ?? rows.find((row) => maySign(row, nowMs));
}

/** `rows` are all of its algorithm. */
export function stateOf<Row extends Standing>(row: Row, rows: readonly Row[], nowMs: number): KeyState {
  if (row === signingKey(rows, nowMs)) return 'current';
  const { activates_at } = row;
  return activates_at > nowMs && isSealed(row) && !isRetired(row, activates_at) ? 'next' : 'retired';
}

function maySign(row: Standing, nowMs: number): boolean {
  return isSealed(row) && !isRetired(row, nowMs);
}
