/** A way to prove who one is. ASVS V6.3.3 */
import type { Reader } from '../../storage/database.ts';

export interface Factor {
  /** Stable, for storage and log. */
  readonly name: string;
  /** What it adds to the methods of a sign-in. RFC 8176 */
  readonly amr: readonly string[];
  /** The name of the step, and of the page, that asks for it. */
  readonly step: string;
  /** Whether the person can be asked for it. */
  isEnrolled(db: Reader, sub: string): Promise<boolean>;
}
