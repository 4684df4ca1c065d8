import { timingSafeEqual } from 'node:crypto';

/** Compares two texts in a time that tells nothing of where they differ; their lengths are of a public form. */
export function equalInConstantTime(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
