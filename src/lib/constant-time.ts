import { timingSafeEqual } from 'node:crypto';

/** Compares two texts in a time that does not depend on where they differ. Their lengths are not secret. */
export function equalInConstantTime(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
