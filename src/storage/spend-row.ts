/** How a value that can be used once is spent, and the proof that it was. */
import type { Parameter, Tx } from './database.ts';

const spent: unique symbol = Symbol('spent');

/** That a statement of this transaction spent a value. Made by {@link spendRow} alone. */
export interface Spent {
  readonly [spent]: true;
}

const SPENT: Spent = { [spent]: true };

/**
 * Runs the one statement that spends the row, on the condition that it can still be spent. undefined where it changed no row:
 * of two requests that spend the same value, for the later one.
 */
export async function spendRow(
  tx: Tx,
  sql: string,
  ...parameters: readonly Parameter[]
): Promise<Spent | undefined> {
  return (await tx.run(sql, ...parameters)) === 1 ? SPENT : undefined;
}

/** Throws for anything but what {@link spendRow} made: at run time too, code that forgot to spend has proven nothing. */
export function assertSpent(value: Spent): void {
  if (value !== SPENT) throw new Error('nothing was spent');
}
